-- wrk: posts one body again and again. BODY names the file, TYPE its Content-Type, ROUTE the path; TOKEN, if any, is sent.
-- Says at the end how many answers were no 200.
wrk.method = "POST"
wrk.path = os.getenv("ROUTE") or "/v1/classify"
wrk.headers["Content-Type"] = os.getenv("TYPE") or "application/json"
if os.getenv("TOKEN") then wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN") end
local file = assert(io.open(os.getenv("BODY"), "rb"))
wrk.body = file:read("*a")
file:close()

done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    "requests %d, seconds %.2f, requests/s %.0f, p50 %.2f ms, p99 %.2f ms, max %.2f ms, not 200: %d, socket errors: %d\n",
    summary.requests, summary.duration / 1e6, summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    e.status, e.connect + e.read + e.write + e.timeout))
end

import Foundation

/// What a service counts, told in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/,
/// version 0.0.4). Written by hand: no client library is needed for a few numbers behind one lock.
final class ServiceMetrics: Sendable {
    /// Upper ends of the latency histogram, in seconds.
    static let latencies: [Double] = [
        0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    /// Upper ends of the histogram of rows in a block.
    static let blockRows: [Double] = [1, 2, 4, 8, 16, 32, 64, 256, 1024, 4096, 16384, 65536]

    private struct Series: Hashable {
        var route: String
        var status: Int
    }

    private struct State {
        var requests: [Series: Int] = [:]
        var latency: [String: Histogram] = [:]
        var rows: [String: Int] = [:]
        var blocks = Histogram(ServiceMetrics.blockRows)
        var running = 0
        var connections = 0
    }

    private let state = Locked(State())
    private let start = Date()

    func began() { state.withLock { $0.running += 1 } }

    /// - Parameters:
    ///   - route: a route's path, or `other`.
    ///   - seconds: from the request's head to its answer.
    func ended(route: String, status: Int, seconds: Double) {
        state.withLock { state in
            state.running -= 1
            state.requests[Series(route: route, status: status), default: 0] += 1
            state.latency[route, default: Histogram(Self.latencies)].add(seconds)
        }
    }

    /// A request that did not arrive whole and was refused by its connection.
    ///
    /// - Parameter route: as far as it had arrived; `none` where it had not.
    func refused(route: String, status: Int) {
        state.withLock { $0.requests[Series(route: route, status: status), default: 0] += 1 }
    }

    /// Such a request, where its answer was being worked out.
    func brokenOff() { state.withLock { $0.running -= 1 } }

    func answered(rows: Int, route: String) { state.withLock { $0.rows[route, default: 0] += rows } }

    func ran(rows: Int) { state.withLock { $0.blocks.add(Double(rows)) } }

    func connected(_ change: Int) { state.withLock { $0.connections += change } }

    /// - Parameters:
    ///   - models: reloads and failures so far, and the classes known now.
    ///   - pendingBytes: of request bodies in memory.
    func text(models: (reloads: Int, failures: Int, classes: Int), pendingBytes: Int) -> String {
        let state = state.withLock { $0 }
        var page = Page()
        page.head("credence_requests_total", "counter", "Requests answered, by route and status.")
        for (series, count) in state.requests.sorted(by: { ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status) }) {
            page.line("credence_requests_total", "route=\"\(series.route)\",status=\"\(series.status)\"", "\(count)")
        }
        page.head("credence_request_seconds", "histogram", "Time from a request's head to its answer.")
        for (route, histogram) in state.latency.sorted(by: { $0.key < $1.key }) {
            page.histogram("credence_request_seconds", "route=\"\(route)\"", histogram)
        }
        page.head("credence_rows_total", "counter", "Feature rows answered.")
        for (route, count) in state.rows.sorted(by: { $0.key < $1.key }) {
            page.line("credence_rows_total", "route=\"\(route)\"", "\(count)")
        }
        page.head("credence_block_rows", "histogram", "Rows in the blocks that went through the model together.")
        page.histogram("credence_block_rows", "", state.blocks)
        page.value("credence_requests_running", "gauge", "Requests being answered.", "\(state.running)")
        page.value("credence_connections", "gauge", "Open connections.", "\(state.connections)")
        page.value("credence_pending_bytes", "gauge", "Request bodies in memory.", "\(pendingBytes)")
        page.value("credence_model_classes", "gauge", "Classes the model knows.", "\(models.classes)")
        page.value("credence_model_reloads_total", "counter", "Times the model was loaded anew.", "\(models.reloads)")
        page.value(
            "credence_model_reload_failures_total", "counter", "Times the model could not be loaded anew.",
            "\(models.failures)")
        page.value(
            "process_start_time_seconds", "gauge", "Start of the service, seconds since 1970.",
            "\(start.timeIntervalSince1970)")
        if let memory = Self.residentBytes {
            page.value("process_resident_memory_bytes", "gauge", "Memory in use.", "\(memory)")
        }
        page.value("process_cpu_seconds_total", "counter", "Processor time used.", "\(Self.processorSeconds)")
        return page.text
    }

    /// `nil` where the system does not say.
    static var residentBytes: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? Int(fields[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) } : nil
    }

    private static var processorSeconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}

/// Counts below given ends, and the sum.
private struct Histogram: Sendable {
    let ends: [Double]
    /// One more than `ends`.
    var counts: [Int]
    var sum = 0.0

    init(_ ends: [Double]) {
        self.ends = ends
        counts = Array(repeating: 0, count: ends.count + 1)
    }

    mutating func add(_ value: Double) {
        counts[ends.firstIndex { value <= $0 } ?? ends.count] += 1
        sum += value
    }
}

/// The lines of the text format.
private struct Page {
    var text = ""

    mutating func head(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func line(_ name: String, _ labels: String, _ value: String) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    mutating func value(_ name: String, _ type: String, _ help: String, _ value: String) {
        head(name, type, help)
        line(name, "", value)
    }

    mutating func histogram(_ name: String, _ labels: String, _ histogram: Histogram) {
        let comma = labels.isEmpty ? "" : ","
        var total = 0
        for (index, count) in histogram.counts.enumerated() {
            total += count
            let end = index < histogram.ends.count ? "\(histogram.ends[index])" : "+Inf"
            line(name + "_bucket", "\(labels)\(comma)le=\"\(end)\"", "\(total)")
        }
        line(name + "_sum", labels, "\(histogram.sum)")
        line(name + "_count", labels, "\(total)")
    }
}

import Foundation
import TestSupport
import Testing

@testable import Serving

/// The model is replaced, and the service stopped, while requests run.
@Suite struct ReloadTests {
    private let prepared: PreparedModels
    private let folder: TemporaryFolder
    private let model: URL

    init() throws {
        prepared = try PreparedModels.get()
        folder = try TemporaryFolder()
        model = folder.path("served.safetensors")
        try FileManager.default.copyItem(at: prepared.model, to: model)
    }

    /// In one step, as `credence learn` does.
    private func replace(by url: URL) throws {
        let copy = folder.path("copy")
        try FileManager.default.copyItem(at: url, to: copy)
        guard rename(copy.path, model.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    private func fingerprint(_ client: HTTPClient) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(client.get("/v1/model").body)) as? [String: Any]
        return object?["model"] as? String ?? ""
    }

    @Test func requestsGoOnWhileModelsChange() async throws {
        let body = prepared.raw.rows(0..<1).jsonBody
        try await withService(model: model) { port, server in
            let stop = Locked(false)
            let statuses = Locked<[Int: Int]>([:])
            let models = Locked<Set<String>>([])
            let group = DispatchGroup()
            for _ in 0..<4 {
                group.enter()
                Thread.detachNewThread {
                    defer { group.leave() }
                    guard let client = try? HTTPClient(port: port) else { return }
                    while !stop.withLock({ $0 }) {
                        let answer = try? client.post("/v1/classify", body)
                        statuses.withLock { $0[answer?.status ?? 0, default: 0] += 1 }
                        if let answer { _ = models.withLock { $0.insert(String(answer.text.prefix(40))) } }
                    }
                }
            }
            var round = 0
            // Until both models have answered, however slow the machine is.
            while round < 6 || (models.withLock { $0.count } < 2 && round < 200) {
                defer { round += 1 }
                try replace(by: round % 2 == 0 ? prepared.other : prepared.model)
                server.signal(SIGHUP)
                try server.waitForLog("loaded /", times: round + 1)
            }
            stop.withLock { $0 = true }
            group.wait()
            #expect(statuses.withLock { Array($0.keys) } == [200])
            #expect(models.withLock { $0.count } == 2)
            let metrics = try HTTPClient(port: port).get("/metrics").text
            #expect(metrics.contains("credence_model_reloads_total \(round)\n"))
        }
    }

    @Test func aBrokenFileLeavesTheOldModel() async throws {
        let body = prepared.raw.rows(0..<1).jsonBody
        try await withService(model: model) { port, server in
            let client = try HTTPClient(port: port)
            let before = try fingerprint(client)
            _ = try folder.file("served.safetensors", [1, 2, 3])
            server.signal(SIGHUP)
            try server.waitForLog("the old one goes on", times: 1)
            #expect(try client.post("/v1/classify", body).status == 200)
            #expect(try fingerprint(client) == before)
            #expect(try client.get("/metrics").text.contains("credence_model_reload_failures_total 1\n"))
            try replace(by: prepared.other)
            server.signal(SIGHUP)
            try server.waitForLog("loaded /", times: 1)
            #expect(try fingerprint(client) != before)
        }
    }

    @Test func aChangedFileIsNoticed() async throws {
        try await withService(["--watch", "0.1"], model: model) { port, _ in
            let client = try HTTPClient(port: port)
            let before = try fingerprint(client)
            try replace(by: prepared.other)
            for _ in 0..<400 where try fingerprint(client) == before { usleep(20_000) }
            #expect(try fingerprint(client) != before)
        }
    }

    @Test func aStoreLoadsOnlyWhatHasChanged() throws {
        let store = try ModelStore(model)
        #expect(try !store.reloadIfChanged())
        try replace(by: prepared.other)
        #expect(try store.reloadIfChanged())
        #expect(try !store.reloadIfChanged())
        _ = try folder.file("served.safetensors", [1, 2, 3])
        #expect(throws: (any Error).self) { try store.reloadIfChanged() }
        // What failed is not tried again until it changes.
        #expect(try !store.reloadIfChanged())
        #expect(store.current.file.method.rawValue == "linear")
    }

    @Test func requestsThatHaveBegunAreAnsweredBeforeTheEnd() async throws {
        let body = prepared.raw.rows(0..<1).jsonBody
        try await withService(model: model) { port, server in
            let idle = try HTTPClient(port: port)
            #expect(try idle.get("/readyz").status == 200)
            let client = try HTTPClient(port: port)
            try client.send("POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
            usleep(100_000)
            server.signal(SIGTERM)
            #expect(try idle.isClosedByServer())
            try client.send(body)
            #expect(try client.read().status == 200)
            #expect(try client.isClosedByServer())
            #expect(server.waitForExit() == 0)
            #expect(throws: (any Error).self) { try HTTPClient(port: port).get("/healthz") }
        }
    }
}

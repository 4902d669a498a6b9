import Foundation
import TestSupport
import Testing

@testable import Serving

/// `credence serve` as a user runs it.
@Suite struct ServeCommandTests {
    private let prepared: PreparedModels
    private let folder: TemporaryFolder

    init() throws {
        prepared = try PreparedModels.get()
        folder = try TemporaryFolder()
    }

    @Test func startsAnswersReloadsAndStops() async throws {
        let model = folder.path("m.safetensors")
        try FileManager.default.copyItem(at: prepared.model, to: model)
        let body = prepared.raw.rows(0..<1).jsonBody
        try await onThread {
            let server = try ServerProcess(["--model", model.path])
            #expect(server.log.contains("m.safetensors (clap, 10 classes) on http://127.0.0.1:\(server.port)"))
            let client = try HTTPClient(port: server.port)
            #expect(try client.post("/v1/classify", body).status == 200)
            let copy = folder.path("copy")
            try FileManager.default.copyItem(at: prepared.other, to: copy)
            try #require(rename(copy.path, model.path) == 0)
            server.signal(SIGHUP)
            try server.waitForLog("(linear, 10 classes)", times: 1)
            #expect(try client.get("/v1/model").text.contains("\"method\":\"linear\""))
            _ = try folder.file("m.safetensors", [1, 2, 3])
            server.signal(SIGHUP)
            try server.waitForLog("the old one goes on", times: 1)
            #expect(try client.post("/v1/classify", body).status == 200)
            server.signal(SIGTERM)
            #expect(server.waitForExit() == 0)
            #expect(server.log.contains("stopping") && server.log.hasSuffix("stopped\n"))
        }
    }

    @Test func controlCStopsAfterTheRequestThatRuns() async throws {
        let body = prepared.raw.jsonBody
        try await onThread {
            let server = try ServerProcess(["--model", prepared.model.path, "--quiet"], quiet: true)
            let client = try HTTPClient(port: server.port)
            try client.send("POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
            try client.send(String(body.prefix(1000)))
            usleep(200_000)
            server.signal(SIGINT)
            usleep(200_000)
            try client.send(String(body.dropFirst(1000)))
            #expect(try client.read().status == 200)
            #expect(server.waitForExit() == 0)
            #expect(server.log == "")
        }
    }

    @Test func aPortInUseIsToldClearly() async throws {
        try await onThread {
            let server = try ServerProcess(["--model", prepared.model.path])
            let second = try runCommand(["serve", "--model", prepared.model.path, "--port", "\(server.port)"], timeout: 60)
            #expect(second.status == 74)
            #expect(second.stderr == "credence: error: cannot listen on 127.0.0.1:\(server.port): Address already in use\n")
            server.signal(SIGTERM)
            #expect(server.waitForExit() == 0)
        }
    }

    @Test func theTokenComesFromAFileOrTheEnvironment() async throws {
        let file = try folder.file("token", Array("  s3cret\n".utf8))
        try await onThread {
            for (options, environment) in [(["--token-file", file.path], [:]), ([], ["CREDENCE_TOKEN": "s3cret"])] {
                let server = try ServerProcess(["--model", prepared.model.path] + options, environment: environment)
                #expect(try HTTPClient(port: server.port).get("/v1/model").status == 401)
                let answer = try HTTPClient(port: server.port).get("/v1/model", headers: [("Authorization", "Bearer s3cret")])
                #expect(answer.status == 200)
                server.signal(SIGTERM)
                #expect(server.waitForExit() == 0)
                #expect(!server.log.contains("s3cret"))
            }
        }
    }

    @Test func mistakesEndAtOnce() throws {
        let model = prepared.model.path
        let empty = try folder.file("empty", [])
        for (options, status, fragment) in [
            (["--model", folder.path("none").path], 66, "none"), (["--model", empty.path], 65, "empty"),
            (["--model", model, "--port", "70000"], 64, "--port"), (["--model", model, "--timeout", "0"], 64, "--timeout"),
            (["--model", model, "--max-rows", "0"], 64, "--max-rows"), (["--model", model, "--prot", "1"], 64, "--prot"),
            (["--model", model, "--token-file", empty.path], 65, "token"),
            (["--model", model, "--host", "256.1.1.1", "--port", "0"], 74, "cannot listen on 256.1.1.1"), ([], 64, "--model"),
        ] {
            let result = try runCommand(["serve"] + options, timeout: 60)
            #expect(Int(result.status) == status, "\(options): \(result.stderr)")
            #expect(result.stderr.contains(fragment), "\(options): \(result.stderr)")
        }
    }
}

import Foundation
import TestSupport
import Testing

@testable import Serving

/// Damaged requests to a `credence serve` of its own: every one ends in an answer or a closed connection, and the service
/// lives on.
@Suite(.timeLimit(.minutes(30))) struct RequestFuzzTests {
    @Test func damagedRequests() async throws {
        let prepared = try PreparedModels.get()
        try await onThread {
            let rows = prepared.raw.rows(0..<2)
            func request(_ path: String, _ headers: String, _ body: [UInt8]) -> [UInt8] {
                Array("POST \(path) HTTP/1.1\r\nHost: x\r\n\(headers)Content-Length: \(body.count)\r\n\r\n".utf8) + body
            }
            let safetensors = [UInt8](try Data(contentsOf: PreparedModels.features))
            let zip = NumPyBytes.archive([("image_features.npy", rows.npyBody)])
            let originals = [
                request("/v1/classify?top_k=3&probabilities=true", "", Array(rows.jsonBody.utf8)),
                request("/v1/novelty?tpr=0.9", "Accept: application/x-ndjson\r\n", Array(rows.jsonBody.utf8)),
                request("/v1/classify?conformal=0.1", "Content-Type: application/x-npy\r\n", rows.npyBody),
                request("/v1/classify", "Content-Type: application/x-npz\r\n", zip),
                request("/v1/classify", "Content-Type: application/octet-stream\r\n", safetensors),
                Array("GET /v1/model HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
                Array("POST /v1/classify HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[[1,2\r\n0\r\n\r\n".utf8),
            ]
            let server = try ServerProcess(["--model", prepared.model.path, "--timeout", "5"])
            var (mutator, statuses) = (Mutator(seed: Fuzzing.seed), [Int: Int]())
            for round in 0..<Fuzzing.rounds {
                let bytes = mutator.damaged(originals[round % originals.count])
                let client = try HTTPClient(port: server.port, seconds: 30)
                // The service may have refused and closed before all of it was sent.
                try? client.send(bytes)
                client.finishSending()
                // A request without a line may end in silence; everything else is answered.
                let status = (try? client.read().status) ?? 0
                statuses[status, default: 0] += 1
                #expect(status < 500, "round \(round): \(status)")
                guard server.isRunning else { break }
            }
            try #require(server.isRunning, "the service is gone: \(server.log)")
            #expect((statuses[400] ?? 0) > Fuzzing.rounds / 5, "\(statuses)")
            #expect((statuses[0] ?? 0) < Fuzzing.rounds / 10, "\(statuses)")
            let answer = try HTTPClient(port: server.port).post("/v1/classify", rows.jsonBody)
            #expect(answer.status == 200)
            server.signal(SIGTERM)
            #expect(server.waitForExit() == 0)
        }
    }
}

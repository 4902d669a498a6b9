import Foundation
import TestSupport
import Testing

@testable import Serving

/// Requests that no library would send: each gets a clear 4xx, and the service lives on.
@Suite struct ConnectionTests {
    private let body: String

    init() throws { body = try PreparedModels.get().raw.rows(0..<1).jsonBody }

    private func expectAlive(_ port: Int) throws {
        let answer = try HTTPClient(port: port).post("/v1/classify", body)
        #expect(answer.status == 200)
    }

    @Test(arguments: [
        "GARBAGE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "POST /v1/classify HTTP/1.1\r\nContent-Length: abc\r\n\r\n",
        "POST /v1/classify HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET /healthz HTTP/1.1\r\nbad header\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}",
        "POST /v1/classify HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    ])
    func whatIsNotHTTPIsRefused(_ text: String) async throws {
        try await withService { port, _ in
            let client = try HTTPClient(port: port)
            try client.send(text)
            let answer = try client.read()
            #expect(answer.status == 400)
            #expect(answer.message != nil)
            #expect(answer.headers["connection"] == "close")
            #expect(try client.isClosedByServer())
            try expectAlive(port)
        }
    }

    @Test func headsWithoutEndAreRefused() async throws {
        try await withService { port, _ in
            let client = try HTTPClient(port: port)
            // The service may have closed before all of it was sent.
            try? client.send("GET /healthz HTTP/1.1\r\n" + String(repeating: "X-A: b\r\n", count: 20_000))
            let answer = try client.read()
            #expect((400..<500).contains(answer.status))
            try expectAlive(port)
        }
    }

    @Test func oversizedBodiesAreRefusedBeforeTheyAreSent() async throws {
        try await withService(["--max-body", "1"]) { port, _ in
            let client = try HTTPClient(port: port)
            try client.send("POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n")
            let answer = try client.read()
            #expect(answer.status == 413 && answer.message?.contains("1048576 bytes") == true)
            #expect(try client.isClosedByServer())
            // A client that sends all the same still reads the answer.
            let eager = try HTTPClient(port: port)
            try? eager.send(
                Array("POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n".utf8)
                    + [UInt8](repeating: 0x20, count: 2_000_000))
            #expect(try eager.read().status == 413)
            try expectAlive(port)
        }
    }

    @Test func oversizedChunksAreRefused() async throws {
        try await withService(["--max-body", "1"]) { port, _ in
            let client = try HTTPClient(port: port)
            try client.send("POST /v1/classify HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "4000\r\n" + String(repeating: " ", count: 0x4000) + "\r\n"
            for _ in 0..<80 where (try? client.send(chunk)) == nil { break }
            #expect(try client.read().status == 413)
            try expectAlive(port)
        }
    }

    @Test func chunkedBodiesAreRead() async throws {
        let body = body
        try await withService { port, _ in
            let client = try HTTPClient(port: port)
            try client.send("POST /v1/classify HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            var rest = Substring(body)
            while !rest.isEmpty {
                let piece = rest.prefix(1000)
                try client.send(String(piece.utf8.count, radix: 16) + "\r\n" + piece + "\r\n")
                rest = rest.dropFirst(1000)
            }
            try client.send("0\r\n\r\n")
            #expect(try client.read().status == 200)
        }
    }

    @Test func slowSendersAreSentAway() async throws {
        try await withService(["--timeout", "0.4"]) { port, _ in
            // In the head, and in the body.
            for start in ["POST /v1/classify", "POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"] {
                let client = try HTTPClient(port: port)
                try client.send(start)
                for _ in 0..<3 {
                    usleep(100_000)
                    try? client.send("x")
                }
                let answer = try client.read()
                #expect(answer.status == 408 && answer.message?.contains("0.4 seconds") == true)
                #expect(try client.isClosedByServer())
            }
            try expectAlive(port)
            // Each is counted once.
            let metrics = try HTTPClient(port: port).get("/metrics").text
            #expect(
                metrics.split(separator: "\n").filter { $0.hasPrefix("credence_requests_total") } == [
                    "credence_requests_total{route=\"/v1/classify\",status=\"200\"} 1",
                    "credence_requests_total{route=\"/v1/classify\",status=\"408\"} 1",
                    "credence_requests_total{route=\"none\",status=\"408\"} 1",
                ])
            #expect(metrics.contains("\ncredence_requests_running 1\n"))
        }
    }

    @Test func idleConnectionsAreClosed() async throws {
        try await withService(["--idle-timeout", "0.3"]) { port, _ in
            let client = try HTTPClient(port: port)
            #expect(try client.get("/healthz").status == 200)
            #expect(try client.isClosedByServer())
        }
    }

    @Test func truncatedRequestsAreRefused() async throws {
        let body = body
        try await withService { port, _ in
            for text in [
                "POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body.dropLast(100),
                "POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Le",
            ] {
                let client = try HTTPClient(port: port)
                try client.send(text)
                client.finishSending()
                let answer = try client.read()
                #expect(answer.status == 400 && answer.message?.contains("cut short") == true, "\(answer.text)")
            }
            // And where the connection vanishes instead.
            for _ in 0..<20 {
                let client = try HTTPClient(port: port)
                try client.send("POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n[[1,")
            }
            try expectAlive(port)
        }
    }

    @Test func whatWasAnsweredEarlyIsNotAnsweredTwice() async throws {
        try await withService { port, _ in
            let client = try HTTPClient(port: port)
            try client.send("POST /v1/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            #expect(try client.read().status == 404)
            client.finishSending()
            #expect(try client.isClosedByServer())
        }
    }

    @Test func aClientThatStopsSendingStillGetsItsAnswer() async throws {
        let body = body
        try await withService { port, _ in
            let client = try HTTPClient(port: port)
            try client.send("POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body)
            client.finishSending()
            #expect(try client.read().status == 200)
        }
    }

    @Test func requestsInARowOnOneConnection() async throws {
        let body = body
        try await withService { port, _ in
            let client = try HTTPClient(port: port)
            let request = "POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
            try client.send(String(repeating: request, count: 20) + "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            let answers = try (0..<20).map { _ in try client.read() }
            #expect(Set(answers.map(\.text)).count == 1)
            #expect(answers.allSatisfy { $0.status == 200 })
            #expect(try client.read().text.contains("ok"))
        }
    }

    @Test func largeBodiesMayAskFirst() async throws {
        let body = body
        try await withService { port, _ in
            let client = try HTTPClient(port: port)
            try client.send(
                "POST /v1/classify HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
            #expect(try client.read().status == 100)
            try client.send(body)
            #expect(try client.read().status == 200)
        }
    }

    @Test func connectionsBeyondTheLimitWait() async throws {
        try await withService(["--max-connections", "2"]) { port, _ in
            var clients = try (0..<2).map { _ in try HTTPClient(port: port) }
            for client in clients { #expect(try client.get("/healthz").status == 200) }
            let third = try HTTPClient(port: port)
            try third.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            clients.removeFirst()
            #expect(try third.read().status == 200)
        }
    }
}

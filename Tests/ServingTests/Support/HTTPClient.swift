import Foundation

/// A client on a plain socket: it can also send what no library would.
final class HTTPClient {
    private let descriptor: Int32
    private var received: [UInt8] = []

    struct Answer {
        var status: Int
        /// Names in lower case.
        var headers: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        /// Of `{"error": {"message": …}}`.
        var message: String? {
            let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            return (object?["error"] as? [String: Any])?["message"] as? String
        }
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// - Parameter seconds: after which a read gives up.
    init(port: Int, seconds: Int = 20) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "cannot connect: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var start = 0
        while start < bytes.count {
            let sent = bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map { Foundation.send(descriptor, $0 + start, buffer.count - start, Int32(MSG_NOSIGNAL)) } ?? 0
            }
            guard sent > 0 else { throw Failure(description: "cannot send: \(String(cString: strerror(errno)))") }
            start += sent
        }
    }

    /// Says that nothing more will come.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next answer.
    ///
    /// - Parameter hasBody: false for what answers HEAD, whose length is that of the body it does not have.
    func read(hasBody: Bool = true) throws -> Answer {
        var headEnd = received.firstRange(of: Array("\r\n\r\n".utf8))
        while headEnd == nil {
            guard try fill() else { throw Failure(description: "the connection ended before an answer: \(received.count) bytes") }
            headEnd = received.firstRange(of: Array("\r\n\r\n".utf8))
        }
        guard let headEnd else { throw Failure(description: "no head") }
        let lines = String(decoding: received[..<headEnd.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { throw Failure(description: "bad status line: \(lines[0])") }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1] }
        }
        received.removeSubrange(..<headEnd.upperBound)
        let length = hasBody ? Int(headers["content-length"] ?? "0") ?? 0 : 0
        while received.count < length {
            guard try fill() else { throw Failure(description: "the answer was cut short") }
        }
        let body = Array(received[..<length])
        received.removeFirst(length)
        return Answer(status: status, headers: headers, body: body)
    }

    /// Whether the other side closes without another byte.
    func isClosedByServer() throws -> Bool { try received.isEmpty && !fill() }

    /// - Returns: false at the end.
    private func fill() throws -> Bool {
        var block = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &block, block.count, 0)
        guard count >= 0 else {
            if errno == ECONNRESET { return false }
            throw Failure(description: "cannot read: \(String(cString: strerror(errno)))")
        }
        received += block.prefix(count)
        return count > 0
    }

    func request(
        _ method: String = "POST", _ path: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) throws -> Answer {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if method == "POST" { head += "Content-Length: \(body.count)\r\n" }
        try send(Array((head + "\r\n").utf8) + body)
        return try read(hasBody: method != "HEAD")
    }

    func get(_ path: String, headers: [(String, String)] = []) throws -> Answer { try request("GET", path, headers: headers) }

    func post(_ path: String, _ body: String, headers: [(String, String)] = []) throws -> Answer {
        try request("POST", path, headers: headers, body: Array(body.utf8))
    }
}

/// Runs code that waits, on a thread of its own: the threads of Swift's tasks are the server's.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}

import Foundation

/// A folder of its own, removed with the value that holds it.
public final class TemporaryFolder: Sendable {
    public let url: URL

    public init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "credence-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// A file or folder inside.
    public func path(_ name: String) -> URL { url.appending(path: name) }

    /// Writes `bytes` to a file inside and returns its place.
    public func file(_ name: String, _ bytes: [UInt8]) throws -> URL {
        let place = path(name)
        // Not Foundation's write, which waits for the disk.
        unlink(place.path)
        guard let stream = fopen(place.path, "w") else { throw CocoaError(.fileWriteUnknown) }
        defer { fclose(stream) }
        guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else { throw CocoaError(.fileWriteUnknown) }
        return place
    }

    /// The names of everything inside, hidden files too, sorted.
    public var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
    }
}

@testable import FeatureData
import Foundation
import Matrices
import TestSupport
import Testing

@Suite struct AtomicFileTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func content(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.path(name)), as: UTF8.self)
    }

    @Test func appearsOnlyWhenCommitted() throws {
        _ = try folder.file("a", Array("old".utf8))
        let file = try AtomicFile(at: folder.path("a"))
        try file.write("new")
        try file.write(String(repeating: "x", count: 200_000))
        #expect(try content("a") == "old")
        try file.commit()
        #expect(try content("a") == "new" + String(repeating: "x", count: 200_000))
        #expect(folder.names == ["a"])
    }

    @Test func discardKeepsTheOldFile() throws {
        _ = try folder.file("a", Array("old".utf8))
        do {
            let file = try AtomicFile(at: folder.path("a"))
            try file.write(String(repeating: "x", count: 200_000))
        }
        #expect(try content("a") == "old")
        #expect(folder.names == ["a"])
    }

    @Test func keepsPermissionsAndFollowsLinks() throws {
        _ = try folder.file("a", Array("old".utf8))
        chmod(folder.path("a").path, 0o640)
        try FileManager.default.createSymbolicLink(atPath: folder.path("link").path, withDestinationPath: "a")
        try AtomicFile.write("new", to: folder.path("link"))
        #expect(try content("a") == "new")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link").path) == "a")
        var status = stat()
        #expect(stat(folder.path("a").path, &status) == 0 && status.st_mode & 0o777 == 0o640)
    }

    @Test func writesDevices() throws {
        try AtomicFile.write("gone", to: URL(filePath: "/dev/null"))
        var status = stat()
        #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
        let full = #expect(throws: FeatureDataError.self) {
            try AtomicFile.write("x", to: URL(filePath: "/dev/full"))
        }
        #expect(full?.kind == .inputOutput)
        #expect(full?.description == "/dev/full: writing failed: No space left on device")
    }

    @Test func placesThatCannotBeWritten() throws {
        let folderError = #expect(throws: FeatureDataError.self) { try AtomicFile(at: folder.url) }
        #expect(folderError?.kind == .cannotWrite)
        let missing = #expect(throws: FeatureDataError.self) { try AtomicFile(at: folder.path("none/a")) }
        #expect(missing?.kind == .cannotWrite)
        #expect(missing?.description.contains("none/a: cannot be written: No such file") == true)
    }

    /// A file size limit fails a write in the same way as a full disk: part of it is written, the next fails.
    @Test func fullDiskKeepsTheOldFile() throws {
        let url = folder.path("model.safetensors")
        _ = try folder.file("model.safetensors", Array("old".utf8))
        let limit = 1 << 32
        try withFileSizeLimit(limit) {
            let error = #expect(throws: FeatureDataError.self) {
                // The second tensor begins beyond the limit, so no disk space is needed to reach it.
                let writer = try SafetensorsWriter(
                    to: url, tensors: [.init("x", .float64, [limit / 8]), .init("y", .float32, [1])])
                try writer.append(Matrix<Float>(rows: 1, columns: 1000, repeating: 1), to: "x")
                try writer.append(Matrix<Float>(rows: 1, columns: 1), to: "y")
            }
            #expect(error?.kind == .inputOutput)
            #expect(error?.description.hasSuffix("model.safetensors: writing failed: File too large") == true)
        }
        #expect(folder.names == ["model.safetensors"])
        #expect(try content("model.safetensors") == "old")
    }
}

/// The limit holds for the whole process, so it is far above what other tests write at the same time.
private func withFileSizeLimit(_ bytes: Int, _ body: () throws -> Void) throws {
    let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
    var before = rlimit()
    try #require(getrlimit(resource, &before) == 0)
    var limit = before
    limit.rlim_cur = rlim_t(bytes)
    try #require(setrlimit(resource, &limit) == 0)
    defer { setrlimit(resource, &before) }
    try body()
}

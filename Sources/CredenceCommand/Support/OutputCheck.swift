import Credence
import Foundation

/// Finds out before the work, not after it, that an output cannot be written.
enum OutputCheck {
    /// - Throws: `FeatureDataError.cannotWrite` naming the file.
    static func canWrite(_ url: URL) throws {
        try AtomicFile(at: url).discard()
    }

    /// Makes a folder where there is none, with those above it.
    ///
    /// - Throws: `CommandFailure` (73) naming the folder.
    static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(at: URL(filePath: path), withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.cannotCreate, "\(path): the folder cannot be made")
        }
    }
}

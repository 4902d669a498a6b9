import Foundation

/// A folder that appears under its name complete or not at all.
///
/// It is filled under a hidden name beside its place and renamed by `commit`. Whatever goes wrong before, an error, a full
/// disk or an interruption, nothing is left. A killed process leaves the hidden folder, empty as long as the files in it
/// are written by `AtomicFile` and not committed.
public final class StagedFolder {
    /// Where the folder will be.
    public let url: URL
    /// Where to write its files.
    public let staging: URL
    private var isOpen = true

    /// - Throws: `FeatureDataError.cannotWrite`: there is a file or a folder with something in it, or the folder above is
    ///   missing or closed for writing.
    public init(at url: URL) throws {
        self.url = url
        let manager = FileManager.default
        let place = url.standardizedFileURL
        staging = place.deletingLastPathComponent().appending(
            path: ".\(place.lastPathComponent.prefix(100)).\(String(UInt64.random(in: 0...UInt64.max), radix: 36)).tmp")
        if url.exists {
            guard let names = try? manager.contentsOfDirectory(atPath: url.path) else {
                throw FeatureDataError(.cannotWrite, url, "is there already and is no folder that can be read")
            }
            guard names.isEmpty else {
                throw FeatureDataError(.cannotWrite, url, "the folder is there already and not empty, expected a new one")
            }
        }
        guard mkdir(staging.path, 0o777) == 0 else {
            throw FeatureDataError(.cannotWrite, url, "the folder cannot be made: \(String(cString: strerror(errno)))")
        }
    }

    deinit { discard() }

    /// Makes the folder appear with what was written.
    ///
    /// - Throws: `FeatureDataError.cannotWrite`; nothing is then left.
    public func commit() throws {
        precondition(isOpen, "a folder is committed once")
        // An empty folder of that name is replaced; one that was filled meanwhile is not.
        guard rename(staging.path, url.standardizedFileURL.path) == 0 else {
            let reason = String(cString: strerror(errno))
            discard()
            throw FeatureDataError(.cannotWrite, url, "the folder cannot be put in its place: \(reason)")
        }
        isOpen = false
        synchronise(url.standardizedFileURL.deletingLastPathComponent())
    }

    /// Forgets everything written. Does nothing after `commit`.
    public func discard() {
        guard isOpen else { return }
        isOpen = false
        try? FileManager.default.removeItem(at: staging)
    }

    private func synchronise(_ folder: URL) {
        let handle = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { return }
        // A name that is lost with the power is no damage: the rename is whole or has not happened.
        _ = fsync(handle)
        close(handle)
    }
}

import Credence
import Foundation

/// A new model that becomes the model when an exemplar store commits: two files that change together.
///
/// The new model lies complete beside the old one, under a name with a token; the store's transaction notes the same token;
/// then the new file is renamed over the old one. After a kill the token tells whether the store committed, so that the
/// next run goes on from both files as they were, or as they became.
struct PendingModel {
    /// What the store's selection notes.
    static let setting = "model_commit"

    let token = UUID().uuidString
    private let model: URL
    private let before: Version?

    /// - Parameter model: the file to be replaced, as it is read now.
    init(of model: URL) {
        self.model = model.resolvingSymlinksInPath()
        before = Version(self.model)
    }

    /// Writes the new model beside the old one; to be called in the store's transaction, as its last step.
    ///
    /// - Throws: `CommandFailure` where another process has replaced the model meanwhile.
    func write(_ file: ModelFile) throws {
        guard Version(model) == before else {
            throw CommandFailure(
                .inputOutput, "\(model.relativePath): another process changed the model meanwhile; nothing was changed")
        }
        try file.save(to: place)
    }

    /// After the store's commit.
    func finish() throws { try Self.replace(model, by: place) }

    /// After a failure of the transaction.
    func discard() { unlink(place.path) }

    /// Finishes or forgets what a killed process left.
    static func settle(_ model: URL, _ store: ExemplarStore) throws {
        let model = model.resolvingSymlinksInPath()
        let prefix = ".\(model.lastPathComponent)."
        let folder = model.deletingLastPathComponent()
        func left() -> [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
                .filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }
        }
        guard !left().isEmpty else { return }
        // In a transaction, so that no other process is in the middle of its own.
        try store.write { writer in
            let committed = Set(try writer.reader.selections().compactMap { $0.settings[setting] })
            for name in left() {
                let file = folder.appending(path: name)
                if committed.contains(String(name.dropFirst(prefix.count).dropLast(suffix.count))) {
                    try replace(model, by: file)
                } else {
                    unlink(file.path)
                }
            }
        }
    }

    private static let suffix = ".pending"

    private var place: URL {
        model.deletingLastPathComponent().appending(path: ".\(model.lastPathComponent).\(token)\(Self.suffix)")
    }

    private static func replace(_ model: URL, by new: URL) throws {
        // Where another process settled it already, there is nothing left to rename.
        guard rename(new.path, model.path) == 0 || errno == ENOENT else {
            throw CommandFailure(
                .cannotCreate, "\(model.relativePath): cannot be replaced: \(String(cString: strerror(errno)))")
        }
        let folder = open(model.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    /// Tells one state of a file from another.
    private struct Version: Equatable {
        let inode: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int

        init?(_ url: URL) {
            var status = stat()
            guard stat(url.path, &status) == 0 else { return nil }
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            #if canImport(Darwin)
                (seconds, nanoseconds) = (status.st_mtimespec.tv_sec, status.st_mtimespec.tv_nsec)
            #else
                (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
            #endif
        }
    }
}

import Credence
import Foundation

/// An exemplar store that appears under its name when everything is in it, or not at all.
final class NewStore {
    let store: ExemplarStore
    private let path: String
    private let hidden: URL
    private var isCommitted = false

    /// - Throws: `ExemplarStoreError.exists` where there is a file.
    init(at path: String, dimension: Int) throws {
        let url = URL(filePath: path)
        guard !FileManager.default.fileExists(atPath: path) else { throw ExemplarStoreError.exists(file: path) }
        try OutputCheck.canWrite(url)
        self.path = path
        hidden = url.deletingLastPathComponent().appending(
            path: ".\(url.lastPathComponent).\(UUID().uuidString).tmp")
        store = try ExemplarStore.open(orCreateAt: hidden, dimension: dimension)
    }

    deinit {
        guard !isCommitted else { return }
        try? store.close()
        for suffix in ["", "-wal", "-shm"] { unlink(hidden.path + suffix) }
    }

    /// Gives the store its name; it is closed.
    func commit() throws {
        store.compact()
        // The last connection folds the log into the file.
        try store.close()
        guard !FileManager.default.fileExists(atPath: hidden.path + "-wal") else {
            throw ExemplarStoreError.disk(file: path, "the log could not be folded into the file")
        }
        // A link, since a rename would replace what another process has put there.
        guard link(hidden.path, path) == 0 else {
            throw errno == EEXIST
                ? ExemplarStoreError.exists(file: path)
                : ExemplarStoreError.cannotCreate(file: path, String(cString: strerror(errno)))
        }
        isCommitted = true
        unlink(hidden.path)
    }
}

import Foundation

/// The model that is served now, and how it is replaced: the new one is loaded beside the old, which answers until then.
public final class ModelStore: Sendable {
    public let url: URL
    private let state: Locked<State>

    private struct State {
        var current: ServedModel
        var stamp: FileStamp?
        var reloads = 0
        var failures = 0
        var lastFailure: String?
        var isLoading = false
    }

    /// Loads the model.
    ///
    /// - Throws: as `ModelFile.load`, and where the model knows no class or its detector is of another model.
    public init(_ url: URL) throws {
        self.url = url
        // Before the content is read: a change in between is then noticed, not missed.
        let stamp = FileStamp(url)
        state = Locked(State(current: try Self.load(url), stamp: stamp))
    }

    var current: ServedModel { state.withLock { $0.current } }
    /// Successful and failed reloads so far, and why the last one failed where it did.
    var history: (reloads: Int, failures: Int, lastFailure: String?) {
        state.withLock { ($0.reloads, $0.failures, $0.lastFailure) }
    }

    /// One line for people: the file, its method and how many classes it knows.
    public var summary: String {
        let model = current
        return "\(model.path) (\(model.file.method.rawValue), \(model.names.count) classes)"
    }

    /// Loads the file again; where that fails the old model goes on. One reload at a time: a call during another returns
    /// at once.
    ///
    /// - Returns: whether a model was loaded.
    /// - Throws: what is wrong with the file.
    @discardableResult
    public func reload() throws -> Bool {
        let isFirst = state.withLock { state in
            defer { state.isLoading = true }
            return !state.isLoading
        }
        guard isFirst else { return false }
        defer { state.withLock { $0.isLoading = false } }
        let stamp = FileStamp(url)
        do {
            let model = try Self.load(url)
            state.withLock { state in
                (state.current, state.stamp, state.lastFailure) = (model, stamp, nil)
                state.reloads += 1
            }
            return true
        } catch {
            state.withLock { state in
                (state.stamp, state.lastFailure) = (stamp, "\(error)")
                state.failures += 1
            }
            throw error
        }
    }

    /// Loads the file again if it is not the one that was loaded last.
    ///
    /// - Throws: as `reload`; a file that failed is not tried again until it changes.
    @discardableResult
    public func reloadIfChanged() throws -> Bool {
        guard let now = FileStamp(url), now != state.withLock({ $0.stamp }) else { return false }
        return try reload()
    }

    private static func load(_ url: URL) throws -> ServedModel {
        let model = try ServedModel(url)
        guard !model.names.isEmpty else { throw ServiceError.emptyModel(file: model.path) }
        return model
    }
}

/// What tells one version of a file from the next.
struct FileStamp: Equatable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int

    /// `nil` where there is no such file.
    init?(_ url: URL) {
        var status = stat()
        guard stat(url.path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int(status.st_size)
        seconds = Int(status.st_mtim.tv_sec)
        nanoseconds = Int(status.st_mtim.tv_nsec)
    }
}

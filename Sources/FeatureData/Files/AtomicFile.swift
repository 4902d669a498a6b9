import Foundation

/// A file that appears under its name complete or not at all.
///
/// Bytes go to a nameless file in the same folder (a hidden temporary file where the file system has no nameless ones);
/// `commit` forces them to the disk and renames them over the old file. Whatever goes wrong before, an error, a full
/// disk or a killed process, the old file stays as it was; a kill can leave a temporary file only on file systems
/// without nameless files, or between the two system calls that give the file its name.
///
/// An existing target that is no regular file (`/dev/stdout`, a pipe) is written directly. A symbolic link is followed.
public final class AtomicFile {
    /// The place given by the caller.
    public let url: URL
    /// Where the bytes end up: `url` with symbolic links resolved.
    private let target: String
    private var descriptor: Int32 = -1
    /// The temporary file's path, while it has one.
    private var temporary: String?
    /// The target is a device or pipe and is written directly.
    private var isDirect = false
    private var buffer: [UInt8] = []
    private static let bufferSize = 1 << 16

    /// Opens a new file beside the target.
    ///
    /// - Throws: `FeatureDataError` (`cannotWrite`): the folder is missing or closed for writing, the target is a folder.
    public init(at url: URL) throws {
        self.url = url
        target = Self.resolvingLinks(url.path)
        var status = stat()
        let exists = stat(target, &status) == 0
        if exists, status.st_mode & S_IFMT != S_IFREG {
            guard status.st_mode & S_IFMT != S_IFDIR else {
                throw FeatureDataError(.cannotWrite, url, "is a folder, expected a file to write")
            }
            isDirect = true
            descriptor = open(target, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw failure(.cannotWrite, "cannot be opened for writing") }
            return
        }
        try openTemporary()
        // A file that was readable by its group stays so.
        if exists { _ = fchmod(descriptor, status.st_mode & 0o777) }
    }

    deinit { discard() }

    /// Appends bytes.
    ///
    /// - Throws: `FeatureDataError` (`inputOutput`), after which the file is discarded.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        if buffer.count + bytes.count <= Self.bufferSize {
            buffer.append(contentsOf: bytes)
            return
        }
        try flush()
        if bytes.count >= Self.bufferSize { try writeAll(bytes, at: nil) } else { buffer.append(contentsOf: bytes) }
    }

    /// Appends text as UTF-8.
    public func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
    }

    /// Appends bytes.
    public func write(_ data: Data) throws {
        try data.withUnsafeBytes { try write($0) }
    }

    /// Writes bytes at a place, in any order; not for pipes.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        try writeAll(bytes, at: offset)
    }

    /// Makes the file appear under its name, with everything on the disk.
    ///
    /// - Throws: `FeatureDataError`; the old file is then still there.
    public func commit() throws {
        precondition(descriptor >= 0, "a file is committed once")
        try flush()
        if isDirect {
            let result = close(descriptor)
            descriptor = -1
            guard result == 0 else { throw failure(.inputOutput, "writing failed") }
            return
        }
        guard fsync(descriptor) == 0 else { throw discarding("saving to the disk failed") }
        if temporary == nil {
            let name = temporaryName()
            guard linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 else {
                throw discarding("cannot be created", .cannotWrite)
            }
            temporary = name
        }
        guard let name = temporary, rename(name, target) == 0 else {
            throw discarding("cannot be replaced", .cannotWrite)
        }
        temporary = nil
        close(descriptor)
        descriptor = -1
        try syncFolder()
    }

    /// Forgets everything written; the old file stays. Does nothing after `commit`.
    public func discard() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        buffer = []
        if let temporary { unlink(temporary) }
        temporary = nil
    }

    /// Writes one file at once.
    public static func write(_ data: Data, to url: URL) throws {
        let file = try AtomicFile(at: url)
        try file.write(data)
        try file.commit()
    }

    /// Writes one file of UTF-8 text at once.
    public static func write(_ text: String, to url: URL) throws {
        let file = try AtomicFile(at: url)
        try file.write(text)
        try file.commit()
    }
}

extension AtomicFile {
    private var folder: String { (target as NSString).deletingLastPathComponent }

    private func temporaryName() -> String {
        let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let name = (target as NSString).lastPathComponent
        return (folder as NSString).appendingPathComponent(".\(name.prefix(100)).\(suffix).tmp")
    }

    private func openTemporary() throws {
        let folder = folder.isEmpty ? "." : folder
        // The nameless file is given its name through /proc, so both are needed.
        if access("/proc/self/fd", X_OK) == 0 {
            descriptor = open(folder, O_WRONLY | O_CLOEXEC | __O_TMPFILE | O_DIRECTORY, 0o666)
            if descriptor >= 0 { return }
        }
        let name = temporaryName()
        descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure(.cannotWrite, "cannot be written") }
        temporary = name
    }

    private func flush() throws {
        guard !buffer.isEmpty else { return }
        let bytes = buffer
        buffer.removeAll(keepingCapacity: true)
        try bytes.withUnsafeBytes { try writeAll($0, at: nil) }
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer, at offset: Int?) throws {
        precondition(descriptor >= 0, "a file that was committed or discarded cannot be written")
        var written = 0
        while written < bytes.count, let base = bytes.baseAddress {
            let result = withoutFileSizeSignal {
                if let offset {
                    pwrite(descriptor, base + written, bytes.count - written, off_t(offset + written))
                } else {
                    #if canImport(Glibc)
                        Glibc.write(descriptor, base + written, bytes.count - written)
                    #else
                        Darwin.write(descriptor, base + written, bytes.count - written)
                    #endif
                }
            }
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { throw discarding("writing failed") }
            written += result
        }
    }

    private func syncFolder() throws {
        let handle = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { return }  // A folder that may be written but not read cannot be synchronised.
        defer { close(handle) }
        // EINVAL: file systems that cannot synchronise folders.
        guard fsync(handle) == 0 || errno == EINVAL else { throw failure(.inputOutput, "saving the folder failed") }
    }

    private func failure(_ kind: FeatureDataError.Kind, _ what: String) -> FeatureDataError {
        FeatureDataError(kind, url, "\(what): \(String(cString: strerror(errno)))")
    }

    private func discarding(_ what: String, _ kind: FeatureDataError.Kind = .inputOutput) -> FeatureDataError {
        let error = failure(kind, what)
        discard()
        return error
    }

    /// The target of a chain of symbolic links, whether it exists or not.
    private static func resolvingLinks(_ path: String) -> String {
        var path = path
        for _ in 0..<32 {
            guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return path }
            // What the standard streams link to is no path ("pipe:[…]"): the link itself is opened.
            guard !path.hasPrefix("/dev/"), !path.hasPrefix("/proc/") else { return path }
            let folder = (path as NSString).deletingLastPathComponent
            path = link.hasPrefix("/") ? link : (folder as NSString).appendingPathComponent(link)
        }
        return path
    }
}

/// Runs `body`, in which a write beyond the process's file size limit fails with EFBIG instead of ending the process.
private func withoutFileSizeSignal(_ body: () -> Int) -> Int {
    var limit = rlimit()
    #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
    #else
        let resource = RLIMIT_FSIZE
    #endif
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur != rlim_t.max else { return body() }
    var fileSizeSignal = sigset_t()
    var before = sigset_t()
    sigemptyset(&fileSizeSignal)
    sigaddset(&fileSizeSignal, SIGXFSZ)
    pthread_sigmask(SIG_BLOCK, &fileSizeSignal, &before)
    let result = body()
    let code = errno
    if result < 0, code == EFBIG, sigismember(&before, SIGXFSZ) == 0 {
        var now = timespec()
        sigtimedwait(&fileSizeSignal, nil, &now)
    }
    pthread_sigmask(SIG_SETMASK, &before, nil)
    errno = code
    return result
}

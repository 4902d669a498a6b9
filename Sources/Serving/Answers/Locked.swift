import Synchronization

/// A value behind a lock, with a class around it so that it can be shared.
final class Locked<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    /// Not inlined into asynchronous functions: compiled into one, the lock may look for its thread's number where the thread
    /// before a suspension had it (swift 6.3), and is then unlocked by another thread than locked it.
    @inline(never)
    func withLock<Result: Sendable>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        try mutex.withLock { try body(&$0) }
    }
}

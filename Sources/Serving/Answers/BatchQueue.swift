@preconcurrency import Dispatch
import HTTPTypes
import Matrices
import Models

/// Requests that wait for the model: small ones that arrive while another runs are answered together, as one block of
/// rows; large ones one after the other, each with all threads.
///
/// Nothing waits for company: a request that finds the model free runs at once. That rows share a block changes no bit of
/// their answers (`RowTiles`).
final class BatchQueue<Key: Hashable & Sendable, Answer: Sendable>: Sendable {
    /// Answers for rows of several requests, one a range.
    typealias Work = @Sendable (_ key: Key, _ rows: Matrix<Float>, _ requests: [Range<Int>]) throws -> [Answer]

    private let small: Lane
    private let large: Lane

    /// - Parameters:
    ///   - threads: those of large requests; `nil`: all cores.
    ///   - ran: told of the rows of every block.
    init(name: String, threads: Int?, ran: @escaping @Sendable (_ rows: Int) -> Void, work: @escaping Work) {
        small = Lane(name: "credence.\(name).small", mostRows: RowTiles.rows, threads: 1, ran: ran, work: work)
        large = Lane(name: "credence.\(name).large", mostRows: 0, threads: threads, ran: ran, work: work)
    }

    /// - Parameters:
    ///   - key: requests of one key can be answered together.
    ///   - joins: whether other requests' rows may be in the same block.
    ///   - deadline: when it is too late to begin.
    func answer(
        _ rows: Matrix<Float>, key: Key, joins: Bool, deadline: ContinuousClock.Instant
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let lane = joins && rows.rows < RowTiles.rows ? small : large
            lane.add(Lane.Waiting(key: key, rows: rows, deadline: deadline, continuation: continuation))
        }
    }

    /// One block at a time.
    private final class Lane: Sendable {
        struct Waiting: Sendable {
            var key: Key
            var rows: Matrix<Float>
            var deadline: ContinuousClock.Instant
            var continuation: CheckedContinuation<Answer, any Error>
        }

        private let state = Locked<(waiting: [Waiting], isRunning: Bool)>(([], false))
        private let queue: DispatchQueue
        private let mostRows: Int
        private let threads: Int?
        private let ran: @Sendable (Int) -> Void
        private let work: Work

        init(
            name: String, mostRows: Int, threads: Int?, ran: @escaping @Sendable (Int) -> Void, work: @escaping Work
        ) {
            queue = DispatchQueue(label: name)
            (self.mostRows, self.threads, self.ran, self.work) = (mostRows, threads, ran, work)
        }

        func add(_ request: Waiting) {
            let starts = state.withLock { state in
                state.waiting.append(request)
                defer { state.isRunning = true }
                return !state.isRunning
            }
            if starts { queue.async { self.drain() } }
        }

        private func drain() {
            while let block = next() {
                if let threads {
                    Parallelism.withThreads(threads) { run(block) }
                } else {
                    run(block)
                }
            }
        }

        /// The first that waits, and those of the same key behind it that fit into a block with it, in their order.
        private func next() -> [Waiting]? {
            state.withLock { state in
                guard let first = state.waiting.first else {
                    state.isRunning = false
                    return nil
                }
                var (block, rest, rows) = ([first], [Waiting](), first.rows.rows)
                for request in state.waiting.dropFirst() {
                    if request.key == first.key, rows + request.rows.rows <= mostRows {
                        block.append(request)
                        rows += request.rows.rows
                    } else {
                        rest.append(request)
                    }
                }
                state.waiting = rest
                return block
            }
        }

        private func run(_ block: [Waiting]) {
            let now = ContinuousClock.now
            var requests: [Waiting] = []
            for request in block {
                guard request.deadline < now else {
                    requests.append(request)
                    continue
                }
                request.continuation.resume(
                    throwing: RequestError(
                        .serviceUnavailable, "the request waited too long for its turn; the service is overloaded",
                        headers: [.retryAfter: "1"]))
            }
            guard let key = requests.first?.key else { return }
            var (ranges, start) = ([Range<Int>](), 0)
            for request in requests {
                ranges.append(start..<start + request.rows.rows)
                start += request.rows.rows
            }
            ran(start)
            do {
                let rows = requests.count == 1 ? requests[0].rows : Matrix(stacking: requests.map(\.rows))
                let answers = try work(key, rows, ranges)
                for (request, answer) in zip(requests, answers) { request.continuation.resume(returning: answer) }
            } catch {
                for request in requests { request.continuation.resume(throwing: error) }
            }
        }
    }
}

import ArgumentParser
import Credence
@preconcurrency import Dispatch
import Foundation
import Serving
import Synchronization

/// `credence serve`: classification and novelty scores over HTTP.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer over HTTP: classes and novelty scores of feature rows.",
        discussion: """
            POST /v1/classify and /v1/novelty take feature rows, as JSON {"rows": [[0.1, …], …]} or as a safetensors, npy or \
            npz body, and answer what 'credence classify --json' and 'credence novelty score --format jsonl' print, to the \
            bit; options are given in the query: ?top_k=3&probabilities=true&conformal=0.1, ?tpr=0.99. GET /v1/model tells \
            of the model, /healthz and /readyz of the service, /metrics of its work in Prometheus' format, and \
            /openapi.json describes all of it.

            Only this machine is answered unless --host says otherwise; then give --token-file, and put a proxy that speaks \
            TLS in front. SIGHUP loads the model's file anew, and so does --watch when the file changes; requests that have \
            begun finish with the model they began with, and where the new file cannot be read the old model goes on. \
            SIGTERM or Ctrl-C: no new connections, what has begun is answered, exit code 0; a second one ends at once.

            EXAMPLE
              credence serve --model m.safetensors
              curl -s -H 'Content-Type: application/x-npy' --data-binary @rows.npy 'http://127.0.0.1:8080/v1/classify?top_k=3'
              credence serve --model m.safetensors --host 0.0.0.0 --port 80 --token-file token --watch 5
            """)

    @Option(help: ArgumentHelp("The model file.", valueName: "file"), completion: .file())
    var model: String

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0: any free one, told on standard error.")
    var port = 8080

    @Option(
        help: ArgumentHelp(
            """
            File with the token that requests must carry as 'Authorization: Bearer …'. Default: the environment variable \
            CREDENCE_TOKEN, else none.
            """, valueName: "file"), completion: .file())
    var tokenFile: String?

    @Option(help: ArgumentHelp("The largest request body, in MiB.", valueName: "size"))
    var maxBody = 64

    @Option(help: ArgumentHelp("The most rows in a request.", valueName: "rows"))
    var maxRows = 100_000

    @Option(help: ArgumentHelp("The most connections at the same time; more wait.", valueName: "connections"))
    var maxConnections = 1024

    @Option(
        help: ArgumentHelp(
            """
            In which a request must have arrived, its computation must have begun, and its answer must have been taken.
            """, valueName: "seconds"))
    var timeout = 30.0

    @Option(help: ArgumentHelp("After which a connection without a request is closed.", valueName: "seconds"))
    var idleTimeout = 75.0

    @Option(help: ArgumentHelp("Look that often whether the model's file has changed, and load it anew.", valueName: "seconds"))
    var watch: Double?

    @Option(help: "Threads for the model; answers do not depend on it. Default: all cores.")
    var threads: Int?

    @Flag(name: .shortAndLong, help: "Print nothing but warnings and errors.")
    var quiet = false

    func validate() throws {
        if !(0...65535).contains(port) { throw ValidationError("--port must be 0 to 65535, not \(port).") }
        for (name, value) in [
            ("--max-body", maxBody), ("--max-rows", maxRows), ("--max-connections", maxConnections),
            ("--threads", threads ?? 1),
        ] where value < 1 {
            throw ValidationError("\(name) must be at least 1, not \(value).")
        }
        if maxBody > 1 << 20 { throw ValidationError("--max-body must be at most \(1 << 20) MiB, not \(maxBody).") }
        for (name, value) in [("--timeout", timeout), ("--idle-timeout", idleTimeout), ("--watch", watch ?? 1)]
        where !(value >= 0.1 && value <= 86400) {
            throw ValidationError("\(name) must be 0.1 to 86400 seconds, not \(value).")
        }
    }

    func run() throws {
        try RankedRun.requireOne()
        let terminal = Terminal(quiet: quiet)
        let store = try ModelStore(URL(filePath: model))
        let settings = try settings()
        let service = ModelService(store, settings: settings)
        if settings.token == nil, !["127.0.0.1", "::1", "localhost"].contains(host) {
            terminal.warn("warning: anyone who can reach \(host) may ask the model; --token-file restricts it")
        }
        let signals = ServiceSignals(service, terminal)
        defer { signals.stop() }
        let reloaded = Self.reportReloads(of: store, terminal)
        try Self.wait {
            let address = host.contains(":") ? "[\(host)]" : host
            try await service.run(
                listening: { terminal.say("serving \(store.summary) on http://\(address):\($0)") }, reloaded: reloaded)
        }
        terminal.say("stopped")
    }

    private func settings() throws -> ServiceSettings {
        var settings = ServiceSettings()
        (settings.host, settings.port, settings.token) = (host, port, try token())
        (settings.maximumBodyBytes, settings.maximumRows) = (maxBody << 20, maxRows)
        settings.maximumPendingBytes = max(settings.maximumPendingBytes, 2 * settings.maximumBodyBytes)
        (settings.maximumConnections, settings.timeout, settings.idleTimeout) = (maxConnections, timeout, idleTimeout)
        (settings.threads, settings.watchInterval) = (threads, watch)
        return settings
    }

    /// - Throws: `CommandFailure` for a token that HTTP cannot carry.
    private func token() throws -> String? {
        let source: String
        let text: String
        if let tokenFile {
            source = tokenFile
            text = String(decoding: try ClassLists.contents(tokenFile), as: UTF8.self)
        } else if let value = ProcessInfo.processInfo.environment["CREDENCE_TOKEN"] {
            (source, text) = ("CREDENCE_TOKEN", value)
        } else {
            return nil
        }
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw CommandFailure(.badData, "\(source): expected a token of printable ASCII characters without spaces")
        }
        return token
    }

    fileprivate static func reportReloads(
        of store: ModelStore, _ terminal: Terminal
    ) -> @Sendable ((any Error)?) -> Void {
        { error in
            if let error {
                terminal.warn("warning: the model was not loaded anew, the old one goes on: \(error)")
            } else {
                terminal.say("loaded \(store.summary)")
            }
        }
    }

    /// Runs asynchronous work to its end, from code that is not.
    private static func wait(_ work: @escaping @Sendable () async throws -> Void) throws {
        let (done, outcome) = (DispatchSemaphore(value: 0), Outcome())
        Task {
            do {
                try await work()
            } catch {
                outcome.set(error)
            }
            done.signal()
        }
        done.wait()
        if let error = outcome.error.withLock({ $0 }) { throw error }
    }

    private final class Outcome: Sendable {
        let error = Mutex<(any Error)?>(nil)

        /// Not inlined into the task: a lock compiled into asynchronous code may be unlocked by another thread than locked it.
        @inline(never)
        func set(_ found: any Error) { error.withLock { $0 = found } }
    }
}

/// SIGHUP, SIGTERM and SIGINT as what a service understands by them.
private final class ServiceSignals {
    private let sources: [any DispatchSourceSignal]

    init(_ service: ModelService, _ terminal: Terminal) {
        let reloads = DispatchQueue(label: "credence.reload")
        let ends = DispatchQueue(label: "credence.signals")
        let isStopping = Flag()
        func source(_ number: Int32, _ queue: DispatchQueue, _ body: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
            signal(number, SIG_IGN)  // the default action would end the process before the source sees the signal
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler(handler: body)
            source.resume()
            return source
        }
        let report = ServeCommand.reportReloads(of: service.store, terminal)
        let end: @Sendable () -> Void = {
            if isStopping.raised.exchange(true, ordering: .relaxed) { _exit(ExitStatus.interrupted.rawValue) }
            terminal.say("stopping: requests that have begun are answered")
            Task { await service.stop() }
        }
        sources = [
            source(SIGHUP, reloads) {
                do {
                    if try service.store.reload() { report(nil) }
                } catch {
                    report(error)
                }
            },
            source(SIGTERM, ends, end), source(SIGINT, ends, end),
        ]
    }

    func stop() {
        for source in sources { source.cancel() }
    }

    private final class Flag: Sendable {
        let raised = Atomic<Bool>(false)
    }
}

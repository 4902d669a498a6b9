import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// A model over HTTP.
///
/// ```swift
/// let service = ModelService(try ModelStore(URL(filePath: "model.safetensors")), settings: ServiceSettings())
/// try await service.run { print("listening on port \($0)") }
/// ```
public final class ModelService: Sendable {
    public let store: ModelStore
    public let settings: ServiceSettings
    private let metrics = ServiceMetrics()
    private let isReady = Locked(false)
    private let group = Locked<ServiceGroup?>(nil)
    private let logger: Logger

    /// - Parameter logger: of what goes wrong while requests are answered; by default what is an error goes to standard
    ///   error.
    public init(_ store: ModelStore, settings: ServiceSettings, logger: Logger? = nil) {
        (self.store, self.settings) = (store, settings)
        var quiet = Logger(label: "credence.serve") { StreamLogHandler.standardError(label: $0) }
        quiet.logLevel = .error
        self.logger = logger ?? quiet
    }

    /// Listens and answers until `stop` is called or the task is cancelled; returns when every request that had begun has
    /// been answered.
    ///
    /// - Parameters:
    ///   - listening: told of the port once connections are taken.
    ///   - reloaded: told of every reload by watching the file: an error where it failed.
    /// - Throws: `ServiceError.cannotListen`.
    public func run(
        listening: @escaping @Sendable (_ port: Int) -> Void = { _ in },
        reloaded: @escaping @Sendable ((any Error)?) -> Void = { _ in }
    ) async throws {
        let (settings, metrics, isReady) = (settings, metrics, isReady)
        let responder = Responder(
            store: store, settings: settings, metrics: metrics, isReady: isReady, logger: logger)
        // What the packages below say of connections and of their own start and end is the caller's to tell.
        var framework = logger
        framework.logLevel = .critical
        let application = Application(
            responder: responder,
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [ConnectionGuard(settings: settings, metrics: metrics)],
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: "credence",
                availableConnectionsDelegate: MaximumAvailableConnections(settings.maximumConnections, logger: framework)),
            onServerRunning: { channel in
                isReady.withLock { $0 = true }
                listening(channel.localAddress?.port ?? settings.port)
            },
            logger: framework)
        var services: [any ServiceLifecycle.Service] = [application]
        if let interval = settings.watchInterval {
            services.append(FileWatch(store: store, interval: interval, reloaded: reloaded))
        }
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: services, logger: framework))
        self.group.withLock { $0 = group }
        defer { isReady.withLock { $0 = false } }
        do {
            try await group.run()
        } catch {
            guard !isReady.withLock({ $0 }) else { throw error }
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            throw ServiceError.cannotListen(host: settings.host, port: settings.port, reason: reason)
        }
    }

    /// Takes no more connections, answers what has begun, and lets `run` return.
    public func stop() async {
        isReady.withLock { $0 = false }
        await group.withLock { $0 }?.triggerGracefulShutdown()
    }
}

/// Loads the model anew when its file has changed.
private struct FileWatch: ServiceLifecycle.Service {
    let store: ModelStore
    let interval: Double
    let reloaded: @Sendable ((any Error)?) -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                guard (try? await Task.sleep(for: .seconds(interval))) != nil else { return }
                await withCheckedContinuation { continuation in
                    // Loading may take seconds; a thread of its own, not one that requests need.
                    Thread.detachNewThread {
                        do {
                            if try store.reloadIfChanged() { reloaded(nil) }
                        } catch {
                            reloaded(error)
                        }
                        continuation.resume()
                    }
                }
            }
        }
    }
}

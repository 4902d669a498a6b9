import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Watches one connection: a request that is malformed or does not arrive in time, a client that does not take its answer
/// and one that has nothing to say each end with a clear answer or, where none is due, with the connection.
///
/// Sits between the HTTP codec and the application and belongs to the connection's event loop.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let settings: ServiceSettings
    private let metrics: ServiceMetrics
    private let timeout: TimeAmount
    private let idleTimeout: TimeAmount
    private var check: Scheduled<Void>?

    /// Since when a request has been arriving.
    private var arrivingSince: NIODeadline?
    /// Of that request, once its head has arrived.
    private var route = "none"
    /// Since when there has been nothing to do.
    private var idleSince = NIODeadline.now()
    /// Since when the oldest answer has been waiting for the client to take it.
    private var sendingSince: NIODeadline?
    private var answersBeingSent = 0
    /// Requests whose heads have arrived and whose answers have not been written.
    private var unanswered = 0
    /// Whether the answer that is being written is the connection's last.
    private var closesAfterAnswer = false
    /// Whether nothing more is taken or given: what still arrives is thrown away until the client has seen the answer.
    private var isEnding = false

    init(settings: ServiceSettings, metrics: ServiceMetrics) {
        (self.settings, self.metrics) = (settings, metrics)
        timeout = .nanoseconds(Int64(settings.timeout * 1e9))
        idleTimeout = .nanoseconds(Int64(settings.idleTimeout * 1e9))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        metrics.connected(1)
        // In front of the decoder: a request begins with its first byte, not with its last header.
        try? context.pipeline.syncOperations.addHandler(ArrivalWatch { [weak self] in self?.bytesArrived() }, position: .first)
        scheduleCheck(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        metrics.connected(-1)
        check?.cancel()
        check = nil
    }

    private func bytesArrived() {
        if arrivingSince == nil, !isEnding { arrivingSince = .now() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnding else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            unanswered += 1
            if arrivingSince == nil { arrivingSince = .now() }
            route = Route(path: head.path ?? "/")?.path ?? "other"
            promiseToRead(head, context)
        case .body: break
        case .end: (arrivingSince, route) = (nil, "none")
        }
        context.fireChannelRead(data)
    }

    /// Clients with large bodies ask first.
    private func promiseToRead(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
        guard unanswered == 1, head.headerFields[.expect]?.lowercased() == "100-continue",
            Int(head.headerFields[.contentLength] ?? "0") ?? .max <= settings.maximumBodyBytes
        else { return }
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isEnding else { return }
        // Answers that are due to earlier requests come first; the application then ends the connection.
        guard unanswered <= 1, arrivingSince != nil, !closesAfterAnswer else { return context.fireErrorCaught(error) }
        if (error as? HTTPParserError) == .invalidEOFState {
            refuse(context, .badRequest, "the request was cut short: the connection ended before its body was complete")
        } else {
            refuse(context, .badRequest, "the request is not HTTP as it should be: \(error)")
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isEnding else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head):
            closesAfterAnswer = head.headerFields[.connection] == "close"
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            unanswered -= 1
            idleSince = .now()
            answersBeingSent += 1
            if sendingSince == nil { sendingSince = .now() }
            let sent = promise ?? context.eventLoop.makePromise(of: Void.self)
            sent.futureResult.assumeIsolated().whenComplete { _ in
                self.answersBeingSent -= 1
                self.sendingSince = self.answersBeingSent == 0 ? nil : .now()
            }
            context.write(data, promise: sent)
            if closesAfterAnswer { end(context) }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A client that has closed its side in the middle of a request will not complete it.
        if case .some(.inputClosed) = event as? ChannelEvent, arrivingSince != nil, unanswered <= 1, !isEnding {
            refuse(context, .badRequest, "the request was cut short: the connection ended before it was complete")
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: - Ending

    private func refuse(_ context: ChannelHandlerContext, _ status: HTTPResponse.Status, _ message: String) {
        // It was answered before all of it had arrived.
        guard unanswered > 0 || route == "none" else { return end(context) }
        metrics.refused(route: route, status: status.code)
        let body = ByteBuffer(string: RefusalText.body(message))
        let head = HTTPResponse(
            status: status,
            headerFields: [
                .contentType: "application/json", .contentLength: "\(body.readableBytes)", .connection: "close",
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        end(context)
    }

    /// Closes our side and, once the client has closed its own or a moment has passed, the connection. Closing at once,
    /// with bytes unread, would make the system throw away the answer that is on its way.
    private func end(_ context: ChannelHandlerContext) {
        isEnding = true
        context.flush()
        context.close(mode: .output, promise: nil)
        check?.cancel()
        let channel = context.channel
        check = context.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
        context.read()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // The application reads no more; what arrives must still be taken and thrown away.
        if isEnding { context.read() } else { context.fireChannelReadComplete() }
    }

    // MARK: - Time

    private func scheduleCheck(_ context: ChannelHandlerContext) {
        let step = TimeAmount.nanoseconds(max(10_000_000, min(timeout, idleTimeout).nanoseconds / 8))
        check = context.eventLoop.assumeIsolated().scheduleTask(in: step) { [weak self] in
            guard let self else { return }
            look(context)
        }
    }

    private func look(_ context: ChannelHandlerContext) {
        guard !isEnding else { return }
        let now = NIODeadline.now()
        if let sendingSince, now - sendingSince > timeout {
            context.close(promise: nil)
        } else if let arrivingSince, now - arrivingSince > timeout, unanswered <= 1 {
            refuse(context, .requestTimeout, "the request did not arrive within \(settings.timeout) seconds")
        } else if arrivingSince == nil, unanswered == 0, now - idleSince > idleTimeout {
            context.close(promise: nil)
        } else {
            scheduleCheck(context)
        }
    }
}

/// Tells of bytes before they are decoded.
private final class ArrivalWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let arrived: () -> Void

    init(_ arrived: @escaping () -> Void) { self.arrived = arrived }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        arrived()
        context.fireChannelRead(data)
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import RucheSwarm
internal import RucheTransport
internal import RucheWire

/// One player's connection: gives requests to `MediaShelf`, and writes the bytes of a file as fast as they are taken.
///
/// At most one chunk is read ahead of the player. When the connection closes, the reader is cancelled at once. Confined
/// to the channel's loop; owner: its pipeline.
final class PlayerConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let films: Films
    private var patience: PlayerPatience
    private var watch: RepeatedTask?
    /// Writes the body of the current response.
    private var work: Task<Void, Never>?
    private var isLast = false

    init(_ films: Films, on loop: any EventLoop) {
        self.films = films
        patience = PlayerPatience(at: Instant(loop.now), limits: films.limits)
    }

    // MARK: - The connection

    func channelActive(context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let channel = context.channel
        let pace = TimeAmount(PlayerPatience.pace)
        watch = loop.scheduleRepeatedTask(initialDelay: pace, delay: pace) { [weak self] _ in
            if self?.patience.isOver(at: Instant(loop.now)) == true { channel.close(promise: nil) }
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        watch?.cancel()
        work?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: - A request

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Requests arrive one after the other, each after the response before it.
        guard case .head(let head) = unwrapInboundIn(data), !isLast else { return }
        patience.handleRequest()
        let answer = films.shelf.answer(MediaRequest(head))
        isLast = answer.isLast || !head.isKeepAlive
        var fields = HTTPHeaders(answer.fields.map { ($0.name, $0.value) })
        if isLast { fields.add(name: "Connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: answer.status)
        let response = HTTPResponseHead(version: .http1_1, status: status, headers: fields)
        context.writeAndFlush(wrapOutboundOut(.head(response)), promise: nil)
        guard let body = answer.body else { return end(context.channel) }
        let channel = context.channel
        work = Task { [self] in await write(body, to: channel) }
    }

    /// Writes the bytes, one chunk after the other; each waits until the system has taken the one before.
    private func write(_ body: MediaAnswer.Body, to channel: any Channel) async {
        do {
            for try await bytes in films.read(body) {
                try await offer(bytes, to: channel)
            }
            channel.eventLoop.execute { [self] in end(channel) }
        } catch {
            // The player notices that bytes are missing, and asks again.
            channel.close(promise: nil)
        }
    }

    private func offer(_ bytes: [UInt8], to channel: any Channel) async throws {
        try await channel.eventLoop.flatSubmit { [self] in
            patience.handleOffered(at: Instant(channel.eventLoop.now))
            let part = HTTPServerResponsePart.body(.byteBuffer(channel.allocator.buffer(bytes: bytes)))
            return channel.writeAndFlush(part).map { [self] in patience.handleTaken() }
        }.get()
    }

    private func end(_ channel: any Channel) {
        work = nil
        patience.handleAnswered(at: Instant(channel.eventLoop.now))
        // The next request may be handled before this returns.
        let isLast = isLast
        let end = channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        if isLast { end.whenComplete { _ in channel.close(promise: nil) } }
    }
}

extension MediaRequest {
    fileprivate init(_ head: HTTPRequestHead) {
        self.init(head.method.rawValue, head.uri, host: head.headers["Host"])
        range = head.headers["Range"]
        ifRange = head.headers["If-Range"]
        hasBody =
            head.headers.contains(name: "Transfer-Encoding") || head.headers["Content-Length"].contains { $0 != "0" }
    }
}

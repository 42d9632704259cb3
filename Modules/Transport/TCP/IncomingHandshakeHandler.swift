// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheWire

/// Keeps a stranger's connection until it has named a swarm and was decided on.
///
/// Owner: the stranger's first channel. It reads a little at a time and only when it wants more, so that what comes
/// after the handshake stays in the kernel for the channel that takes over.
/// ```
/// reading ──info-hash known──▶ identified ──surrender──▶ gone
///    └──────garbage, too much, too late, hung up──────────▲
/// ```
final class IncomingHandshakeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    typealias OutboundOut = ByteBuffer

    let loop: any EventLoop
    private let door: ListenerDoor
    private let ticket: ListenerDoor.Ticket
    /// Nil once it was given away with the connection.
    private var place: ConnectionPlace?
    private let descriptor: Int32
    private let remote: PeerEndpoint
    private var identification: IncomingIdentification
    private var phase = Phase.reading
    private var unsentAnswers = 0
    private var context: ChannelHandlerContext?
    private var deadline: Scheduled<Void>?

    private enum Phase {
        case reading
        case identified
        case gone
    }

    init(
        door: ListenerDoor,
        ticket: ListenerDoor.Ticket,
        place: ConnectionPlace,
        descriptor: Int32,
        remote: PeerEndpoint,
        loop: any EventLoop
    ) {
        self.door = door
        self.ticket = ticket
        self.place = place
        self.descriptor = descriptor
        self.remote = remote
        self.loop = loop
        identification = door.makeIdentification()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        deadline = loop.assumeIsolated().scheduleTask(in: TimeAmount(door.limits.incomingDeadline)) {
            self.refuse(.tooSlow)
        }
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        guard door.hasEntered(ticket, channel), place?.hold({ channel.close(promise: nil) }) == true else {
            return close()
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var random = SecureRandom()
        do {
            try identification.handle(unwrapInboundIn(data), using: &random)
        } catch {
            refuse(.notBitTorrent)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard phase == .reading else { return }
        if let answer = identification.nextAnswer() {
            unsentAnswers += 1
            context.writeAndFlush(wrapOutboundOut(answer)).assumeIsolated().whenSuccess {
                self.unsentAnswers -= 1
                self.presentIfIdentified()
            }
        }
        presentIfIdentified()
        if phase == .reading { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
        self.context = nil
    }

    /// Drops the stranger.
    func close() {
        context?.close(promise: nil)
    }

    private func refuse(_ reason: RefusedStranger.Reason) {
        guard phase == .reading else { return close() }
        door.refuse(remote, reason)
        close()
    }

    /// Gives the connection away to `loop`: this channel closes, the connection lives on in the descriptor.
    func surrender(to loop: any EventLoop) throws(TransportError) -> IncomingHandover {
        guard phase == .identified, let context, context.channel.isActive, let place else {
            throw TransportError(.closed, "adopt \(remote)")
        }
        defer { close() }
        let duplicate = try Descriptor.duplicate(descriptor)
        place.handleAdopted()
        self.place = nil
        let cipher: RC4Handler? = if let outcome = identification.takeOutcome() { RC4Handler(outcome) } else { nil }
        return IncomingHandover(
            descriptor: duplicate,
            received: identification.received,
            cipher: NIOLoopBoundBox.makeBoxSendingValue(cipher, eventLoop: loop),
            place: place
        )
    }

    /// Not before our answer has left: what is still queued in this channel goes with it.
    private func presentIfIdentified() {
        guard phase == .reading, unsentAnswers == 0, let found = identification.found else { return }
        phase = .identified
        door.present(
            IncomingPeer(remote: remote, infoHash: found.infoHash, isEncrypted: found.isEncrypted, handler: self)
        )
    }

    private func leave() {
        guard phase != .gone else { return }
        phase = .gone
        deadline?.cancel()
        place?.release()
        door.leave(ticket)
    }
}

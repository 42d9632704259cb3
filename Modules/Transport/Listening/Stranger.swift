// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheWire

/// Holds a stranger's stream until the stranger has named a swarm and the session has decided.
///
/// Owner: the stream, whose sink it is, on the stream's loop. It reads in small amounts and only on demand, so what
/// follows the handshake stays in the transport for the stream that takes over.
/// ```
/// reading ──info-hash known──▶ identified ──surrender──▶ gone
///    └──────garbage, limit, timeout, closed──────────▲
/// ```
final class Stranger: PeerStreamSink, @unchecked Sendable {  // confined to the stream's loop
    let stream: any AcceptedStream

    private let door: ListenerDoor
    /// Nil once it has been passed on with the connection.
    private var pass: StrangerPass?
    private var identification: IncomingIdentification
    private var batch: ChannelBatch
    private var phase = Phase.reading
    private var deadline: Scheduled<Void>?

    private enum Phase {
        case reading
        case identified
        case gone
    }

    init(_ stream: any AcceptedStream, _ pass: StrangerPass, at door: ListenerDoor) {
        self.stream = stream
        self.pass = pass
        self.door = door
        identification = door.makeIdentification()
        batch = ChannelBatch(random: door.makeSecrets())
    }

    private var remote: PeerEndpoint { stream.facts.remote }

    func start() {
        stream.attach(self)
        let stream = stream
        guard let pass, door.hasEntered(pass.ticket, stream),
            pass.place.hold({ stream.loop.execute { stream.close() } })
        else { return stream.close() }
        deadline = stream.loop.assumeIsolated().scheduleTask(in: TimeAmount(door.limits.incomingDeadline)) {
            self.refuse(.tooSlow)
        }
        stream.read(.single)
    }

    // MARK: - Stream events

    func handleReceived(_ bytes: ByteBuffer) {
        guard phase == .reading else { return }
        do throws(TransportError) {
            try identification.handle(bytes, in: &batch)
        } catch {
            return refuse(.notBitTorrent)
        }
        guard let answer = batch.takeOutput() else { return }
        stream.write(answer, tag: nil)
        stream.flush()
    }

    func handleReadDone() {
        guard phase == .reading else { return }
        guard let found = identification.found, let channel = identification.channel else {
            return stream.read(.single)
        }
        phase = .identified
        let opened = OpenedStream(
            stream: stream,
            channel: channel,
            outcome: found.channel,
            received: identification.received
        )
        door.present(IncomingPeer(opened, infoHash: found.infoHash, stranger: self))
    }

    func handleWritable() {}

    func handleWritten(_ tag: UInt32) {}

    func handleClosed() {
        guard phase != .gone else { return }
        phase = .gone
        deadline?.cancel()
        pass?.place.release()
        pass = nil
    }

    private func refuse(_ reason: RefusedStranger.Reason) {
        if phase == .reading { door.refuse(remote, reason) }
        stream.close()
    }

    // MARK: - Decisions

    /// Drops the stranger.
    func close() { stream.close() }

    /// Passes the stream to `loop`, where `then` is called with it and the stranger's place.
    ///
    /// The deadline applies until the stream has moved, because unread responses can keep it here.
    func surrender(
        to loop: any EventLoop,
        then: @escaping @Sendable (Result<(any PeerStream, ConnectionPlace), TransportError>) -> Void
    ) {
        guard phase == .identified, stream.isOpen, let pass else {
            let error = TransportError(.closed, "adopt \(remote)")
            return loop.execute { then(.failure(error)) }
        }
        // From here on the closure holds the pass, and releases it when the stream has moved.
        self.pass = nil
        pass.place.handleAdopted()
        let deadline = deadline
        stream.move(to: loop) { [door] result in
            deadline?.cancel()
            door.leave(pass.ticket)
            switch result {
            case .success(let stream): then(.success((stream, pass.place)))
            case .failure(let error):
                pass.place.release()
                then(.failure(error))
            }
        }
    }
}

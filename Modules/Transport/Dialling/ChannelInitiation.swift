// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheWire

/// Performs a secure channel's handshake on a dialled stream.
///
/// Owner: a `Dial`, on the stream's loop. Afterwards the stream waits for its next sink.
/// ```
/// running ──outcome, error, closed, timeout──▶ ended
/// ```
final class ChannelInitiation: PeerStreamSink, @unchecked Sendable {  // confined to the stream's loop
    typealias End = Result<OpenedStream, TransportError>

    private let stream: any PeerStream
    private let channel: any ConnectionChannel
    private let mustSeal: Bool
    private var batch: ChannelBatch
    private var received = 0
    private let byteLimit: Int
    private var onEnd: ((End) -> Void)?
    private var deadline: Scheduled<Void>?

    /// `onEnd` is called once, on the stream's loop. The stream is still open then, unless the other side closed it.
    init(
        _ stream: any PeerStream,
        _ offer: ChannelOffer,
        _ setup: ChannelSetup,
        _ runtime: TransportRuntime,
        onEnd: @escaping (End) -> Void
    ) {
        self.stream = stream
        batch = ChannelBatch(random: runtime.makeSecrets())
        self.onEnd = onEnd
        mustSeal = setup.mustSeal
        byteLimit = offer.handshakeByteLimit
        channel = offer.makeChannel(setup, in: &batch)
    }

    func start(timeout: Interval) {
        stream.attach(self)
        send()
        var nothing = ByteBuffer()
        guard !endIfDone(&nothing) else { return }
        deadline = stream.loop.assumeIsolated().scheduleTask(in: TimeAmount(timeout)) { [self] in
            end(.failure(TransportError(.timeout, "encrypt the connection")))
        }
        stream.read(.single)
    }

    func handleReceived(_ bytes: ByteBuffer) {
        guard onEnd != nil else { return }
        var bytes = bytes
        received += bytes.readableBytes
        do throws(TransportError) {
            try channel.handleHandshake(&bytes, in: &batch)
        } catch {
            return end(.failure(error))
        }
        send()
        if !endIfDone(&bytes), received > byteLimit {
            end(.failure(TransportError(.encryptionFailed, "end a handshake within \(byteLimit) bytes")))
        }
    }

    func handleReadDone() {
        if onEnd != nil { stream.read(.single) }
    }

    func handleWritable() {}

    func handleWritten(_ tag: UInt32) {}

    func handleClosed() { end(.failure(TransportError(.closed, "encrypt the connection"))) }

    private func send() {
        guard let bytes = batch.takeOutput() else { return }
        stream.write(bytes, tag: nil)
        stream.flush()
    }

    private func endIfDone(_ rest: inout ByteBuffer) -> Bool {
        guard let outcome = channel.outcome else { return false }
        guard !mustSeal || !outcome.isPassthrough else {
            end(.failure(TransportError(.encryptionRequired, "use a channel without encryption")))
            return true
        }
        var plain = ByteBuffer()
        do throws(TransportError) {
            while var more = try channel.open(&rest) { plain.writeBuffer(&more) }
        } catch {
            end(.failure(error))
            return true
        }
        end(.success(OpenedStream(stream: stream, channel: channel, outcome: outcome, received: plain)))
        return true
    }

    private func end(_ result: End) {
        guard let onEnd else { return }
        self.onEnd = nil
        deadline?.cancel()
        onEnd(result)
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto

/// Encrypts and decrypts all that passes, by the streams of a finished MSE handshake.
///
/// Owner: one connection's pipeline, where it comes first. Small writes are gathered into one buffer until the flush;
/// a buffer goes down as soon as it is `gatheredBytes` long, so that the channel's watermarks stay true.
final class RC4Handler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let gatheredBytes = 64 * 1024
    private static let spentCount = 4

    private var streams: MSEOutcome
    private var gathered = ByteBuffer()
    /// What went down last, to be filled again once the channel has let go of it.
    private var spent: [ByteBuffer] = []
    private var gatheredPromise: EventLoopPromise<Void>?

    init(_ streams: consuming MSEOutcome) {
        self.streams = streams
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        buffer.withUnsafeReadableBytes { bytes in
            // In place, though the channel's pool shares the storage: it only checks when it may be filled again, and
            // nobody else has seen these bytes. Through the buffer's own mutation every read would be copied.
            streams.inbound.apply(to: UnsafeMutableRawBufferPointer(mutating: bytes))
        }
        context.fireChannelRead(wrapInboundOut(buffer))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let plain = unwrapOutboundIn(data)
        if gathered.capacity == 0 {
            gathered = makeGathered(context, byteCount: max(Self.gatheredBytes, plain.readableBytes))
        }
        // The caller may keep what it wrote, such as a cached piece, so it is not encrypted in place.
        plain.withUnsafeReadableBytes { plain in
            _ = gathered.writeWithUnsafeMutableBytes(minimumWritableBytes: plain.count) { out in
                streams.outbound.apply(to: plain, into: out)
                return plain.count
            }
        }
        if let promise {
            if let gatheredPromise {
                gatheredPromise.futureResult.cascade(to: promise)
            } else {
                gatheredPromise = promise
            }
        }
        if gathered.readableBytes >= Self.gatheredBytes { writeGathered(context) }
    }

    func flush(context: ChannelHandlerContext) {
        writeGathered(context)
        context.flush()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        writeGathered(context)
        context.close(mode: mode, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        gatheredPromise?.fail(ChannelError.ioOnClosedChannel)
        gatheredPromise = nil
    }

    private func writeGathered(_ context: ChannelHandlerContext) {
        guard gathered.readableBytes > 0 else { return }
        let buffer = gathered
        let promise = gatheredPromise
        gathered = ByteBuffer()
        gatheredPromise = nil
        if spent.count < Self.spentCount { spent.append(buffer) }
        context.write(wrapOutboundOut(buffer), promise: promise)
    }

    /// An empty buffer: one that has been on its way and is ours alone again, or a new one.
    private func makeGathered(_ context: ChannelHandlerContext, byteCount: Int) -> ByteBuffer {
        for index in spent.indices where spent[index].capacity >= byteCount {
            guard spent[index].modifyIfUniquelyOwned({ $0.clear() }) != nil else { continue }
            return spent.remove(at: index)
        }
        return context.channel.allocator.buffer(capacity: byteCount)
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// A TCP connection as a stream: the only handler of its channel.
///
/// Owner: the channel's pipeline, and the stream's user.
class TCPStream: ChannelInboundHandler, PeerStream, @unchecked Sendable {  // confined to its loop
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let loop: any EventLoop
    let facts: StreamFacts
    private(set) var context: ChannelHandlerContext?
    private var sink: (any PeerStreamSink)?
    /// Reads that the channel currently performs per request.
    private var readCount: Int

    init(_ facts: StreamFacts, on loop: any EventLoop, readCount: Int = BulkTCP.readsPerWakeup) {
        self.facts = facts
        self.loop = loop
        self.readCount = readCount
    }

    // MARK: - Owner's calls

    var isOpen: Bool { context?.channel.isActive ?? false }

    var isWritable: Bool { context?.channel.isWritable ?? false }

    var unsentByteCount: Int {
        guard let context else { return 0 }
        return (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    func attach(_ sink: any PeerStreamSink) {
        self.sink = sink
        if context == nil { loop.assumeIsolated().execute { self.tellClosed() } }
    }

    func read(_ amount: ReadAmount) {
        guard let context else { return }
        let wanted = amount == .batch ? BulkTCP.readsPerWakeup : 1
        if wanted != readCount {
            try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: UInt(wanted))
            readCount = wanted
        }
        context.read()
    }

    func write(_ bytes: ByteBuffer, tag: UInt32?) {
        guard let context else {
            if let tag { sink?.handleWritten(tag) }
            return
        }
        context.write(wrapOutboundOut(bytes), promise: tag.map { makePromise($0) })
    }

    private func makePromise(_ tag: UInt32) -> EventLoopPromise<Void> {
        let promise = loop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in sink?.handleWritten(tag) }
        return promise
    }

    func flush() { context?.flush() }

    func close() {
        guard let context else { return }
        context.flush()
        context.close(promise: nil)
    }

    func tellWritten(_ tag: UInt32?) {
        if let tag { sink?.handleWritten(tag) }
    }

    /// Detaches the sink, which is not called again.
    func detach() { sink = nil }

    // MARK: - Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func channelInactive(context: ChannelHandlerContext) { end() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { sink?.handleReceived(unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) { sink?.handleReadDone() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { sink?.handleWritable() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Ends the stream because the channel is closed. May be called twice.
    func end() {
        context = nil
        tellClosed()
    }

    private func tellClosed() {
        let sink = sink
        self.sink = nil
        sink?.handleClosed()
    }
}

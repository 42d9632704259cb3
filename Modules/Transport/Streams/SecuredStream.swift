// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import NIOCore

/// Seals and opens everything between a stream and its sink, with a secure channel whose handshake is complete.
///
/// The same for both directions and every transport. Owner: the connection's owner, on the stream's loop. Small writes
/// are collected in one buffer until the flush. A buffer is passed down once it has `gatheredBytes`, so the stream's
/// marks stay accurate.
final class SecuredStream: PeerStream, PeerStreamSink, @unchecked Sendable {  // confined to its loop
    private static let gatheredBytes = 64 * 1024
    private static let spentCount = 4

    private let stream: any PeerStream
    private let channel: any ConnectionChannel
    private var sink: (any PeerStreamSink)?
    private var isClosed = false

    private var gathered = ByteBuffer()
    /// Buffers that were passed down last, for reuse once the stream has released them.
    private var spent: [ByteBuffer] = []
    /// Tags of writes that are not accepted yet. The tag of each collected buffer is their number.
    private var tags: Deque<UInt32> = []
    private var gatheredTagCount: UInt32 = 0

    init(_ stream: any PeerStream, _ channel: any ConnectionChannel) {
        self.stream = stream
        self.channel = channel
        stream.attach(self)
    }

    var loop: any EventLoop { stream.loop }
    var facts: StreamFacts { stream.facts }
    var isOpen: Bool { stream.isOpen }
    var isWritable: Bool { stream.isWritable }
    var unsentByteCount: Int { stream.unsentByteCount + gathered.readableBytes }

    func attach(_ sink: any PeerStreamSink) {
        self.sink = sink
        if isClosed { loop.assumeIsolated().execute { self.tellClosed() } }
    }

    func read(_ amount: ReadAmount) { stream.read(amount) }

    func write(_ bytes: ByteBuffer, tag: UInt32?) {
        if let tag {
            tags.append(tag)
            gatheredTagCount += 1
        }
        guard stream.isOpen else { return giveBackTags(isClosed ? tags.count : 0) }
        if gathered.capacity == 0 { gathered = makeGathered(max(Self.gatheredBytes, bytes.readableBytes)) }
        channel.seal(bytes, into: &gathered)
        if gathered.readableBytes >= Self.gatheredBytes { writeGathered() }
    }

    func flush() {
        writeGathered()
        stream.flush()
    }

    func close() {
        writeGathered()
        stream.close()
    }

    private func writeGathered() {
        guard gathered.readableBytes > 0 || gatheredTagCount > 0 else { return }
        let buffer = gathered
        let tagCount = gatheredTagCount
        gathered = ByteBuffer()
        gatheredTagCount = 0
        if spent.count < Self.spentCount, buffer.capacity > 0 { spent.append(buffer) }
        stream.write(buffer, tag: tagCount > 0 ? tagCount : nil)
    }

    /// Returns an empty buffer: a used one that is uniquely referenced again, or a new one.
    private func makeGathered(_ byteCount: Int) -> ByteBuffer {
        for index in spent.indices where spent[index].capacity >= byteCount {
            guard spent[index].modifyIfUniquelyOwned({ $0.clear() }) != nil else { continue }
            return spent.remove(at: index)
        }
        return ByteBufferAllocator().buffer(capacity: byteCount)
    }

    // MARK: - Stream events

    func handleReceived(_ bytes: ByteBuffer) {
        var input = bytes
        do throws(TransportError) {
            while let plain = try channel.open(&input) {
                sink?.handleReceived(plain)
                guard stream.isOpen else { return }
            }
        } catch {
            close()
        }
    }

    func handleReadDone() { sink?.handleReadDone() }

    func handleWritable() { sink?.handleWritable() }

    func handleWritten(_ tag: UInt32) { giveBackTags(Int(tag)) }

    func handleClosed() {
        isClosed = true
        giveBackTags(tags.count)
        tellClosed()
    }

    private func giveBackTags(_ count: Int) {
        for _ in 0..<count {
            guard let tag = tags.popFirst() else { return }
            sink?.handleWritten(tag)
        }
    }

    private func tellClosed() {
        let sink = sink
        self.sink = nil
        sink?.handleClosed()
    }
}

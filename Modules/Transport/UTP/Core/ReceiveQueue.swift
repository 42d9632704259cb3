// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// What we receive: bytes in order until they are read, and packets after a missing one, in a ring by their numbers.
///
/// Owner: `UTPConnection`. Bounded by bytes and by packets.
struct ReceiveQueue {
    enum Outcome {
        /// The packet extended the stream.
        case inOrder
        /// The packet is held until the ones before it arrive.
        case outOfOrder
        /// The packet was received before.
        case duplicate
        /// The packet is too far ahead, after the end, or exceeds the buffer.
        case refused
    }

    /// The number of the next packet in order.
    private(set) var expected: UTPSequence
    /// Bytes in order that have not been read.
    private(set) var ready = ByteBuffer()
    /// Packets that wait for an earlier one.
    private(set) var heldCount = 0
    /// The number of the peer's FIN, once received.
    private(set) var fin: UTPSequence?

    private var slots: [ByteBuffer?] = []
    private var heldBytes = 0
    /// The distance of the furthest held packet from `expected`; 0 if none is held.
    private var span = 0
    private var discards = false
    private var readHint = 0
    private let mostBytes: Int
    private let mostPackets: Int

    init(expected: UTPSequence, _ limits: UTPLimits) {
        self.expected = expected
        mostBytes = limits.receiveBytes
        mostPackets = limits.reorderPackets
    }

    /// The last packet with none missing before it.
    var acknowledged: UTPSequence { expected - 1 }
    /// Bytes of free buffer space.
    var window: Int { max(0, mostBytes - ready.readableBytes - heldBytes) }
    /// Whether everything that the peer ever sends has arrived.
    var hasEnded: Bool { fin.map { expected.distance(from: $0) > 0 } ?? false }

    /// Removes and returns the bytes in order.
    mutating func read() -> ByteBuffer {
        readHint = ready.readableBytes
        defer { ready = ByteBuffer() }
        return ready
    }

    /// Drops unread bytes, and everything that arrives from now on.
    mutating func discard() {
        discards = true
        ready = ByteBuffer()
    }

    /// Handles a data packet, or the last one with `isFIN`.
    mutating func handle(_ sequence: UTPSequence, _ payload: UnsafeRawBufferPointer, isFIN: Bool) -> Outcome {
        let distance = sequence.distance(from: expected)
        if distance < 0 { return .duplicate }
        if let fin, sequence.distance(from: fin) > 0 { return .refused }
        guard distance <= mostPackets, payload.count <= window else { return .refused }
        if isFIN {
            // A FIN cannot precede packets that have arrived.
            guard span <= distance else { return .refused }
            fin = sequence
        }
        if distance > 0 { return hold(sequence, distance, payload) }
        append(payload)
        advance()
        while heldCount > 0, let held = takeSlot(expected) {
            held.withUnsafeReadableBytes { append($0) }
            advance()
        }
        return .inOrder
    }

    private mutating func advance() {
        expected += 1
        span = max(0, span - 1)
    }

    private mutating func append(_ payload: UnsafeRawBufferPointer) {
        guard !discards, payload.count > 0 else { return }
        if ready.capacity == 0 { ready.reserveCapacity(max(payload.count, min(readHint, 1 << 20))) }
        ready.writeBytes(payload)
    }

    private mutating func hold(_ sequence: UTPSequence, _ distance: Int, _ payload: UnsafeRawBufferPointer) -> Outcome {
        while slots.count <= distance { grow() }
        let index = Int(sequence.number) & (slots.count - 1)
        guard slots[index] == nil else { return .duplicate }
        slots[index] = ByteBuffer(bytes: payload)
        heldCount += 1
        heldBytes += payload.count
        span = max(span, distance)
        return .outOfOrder
    }

    private mutating func takeSlot(_ sequence: UTPSequence) -> ByteBuffer? {
        let index = Int(sequence.number) & (slots.count - 1)
        guard let held = slots[index] else { return nil }
        slots[index] = nil
        heldCount -= 1
        heldBytes -= held.readableBytes
        if heldCount == 0 { span = 0 }
        return held
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: nil, count: max(16, old.count * 2))
        guard span > 0 else { return }
        for distance in 0...span {
            let number = Int((expected + distance).number)
            slots[number & (slots.count - 1)] = old[number & (old.count - 1)]
        }
    }

    /// Bytes of the selective ack that `writeSelectiveAck` appends; 0 if nothing is missing.
    var selectiveAckByteCount: Int {
        guard span > 0 else { return 0 }
        return (min(span, UTPExtension.selectiveAckBits) + 31) / 32 * 4
    }

    /// Appends the extension. Its bits represent `expected + 1` and on, least significant bit of each byte first.
    func writeSelectiveAck(into buffer: inout ByteBuffer) {
        let length = selectiveAckByteCount
        buffer.writeMultipleIntegers(0 as UInt8, UInt8(length))
        for byte in 0..<length {
            var bits: UInt8 = 0
            for bit in 0..<8 {
                let distance = 1 + byte * 8 + bit
                guard distance <= span else { break }
                if slots[Int((expected + distance).number) & (slots.count - 1)] != nil { bits |= 1 << bit }
            }
            buffer.writeInteger(bits)
        }
    }
}

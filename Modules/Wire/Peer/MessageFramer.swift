// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Cuts a peer's byte stream, after the handshake, into messages (BEP 3). Owner: one connection.
///
/// `next(from:)` takes all that it is given before it answers nil, so a receive buffer is free again at once: the tail
/// of a split message lives in here. What is held never exceeds one message within its limit, grows only with bytes
/// that came, and never includes a block's payload. Messages of fixed size cost no allocation. Payloads of `bitfield`,
/// `extended` and `hashes` are copied out: a slice would pin the large receive buffer that it was cut from.
///
///                 ┌── fixed or bounded message ──┐
///                 ▼                              │
///     ──▶ betweenMessages ──── piece header ──▶ inPayload(remaining) ──▶ betweenMessages
///                 └─────────── unknown id ────▶ skipping(remaining) ───▶ betweenMessages
///
/// After an error the stream has lost its frame: the connection has to be closed.
public struct MessageFramer: Sendable {
    /// What a stretch of bytes turned out to be.
    public enum Output: Hashable, Sendable {
        /// Any message but `piece`.
        case message(PeerMessage)
        /// The header of a `piece` message: `length` bytes of payload follow. With a length of 0 no `payload` follows:
        /// the message is whole, well formed, and of no use.
        case block(BlockRequest)
        /// The next `count` bytes of `input` belong to the current block. The caller uses them and moves the reader
        /// index past all of them before it calls again. `isLast`: the block is whole.
        case payload(count: Int, isLast: Bool)
    }

    private enum State {
        case betweenMessages
        case inPayload(remaining: Int)
        case skipping(remaining: Int)
    }

    private let limits: PeerLimits
    private var bitfieldByteCounts: ClosedRange<Int>
    private var state = State.betweenMessages
    /// The beginning of a message that was split between reads; empty most of the time.
    private var partial = ByteBuffer()

    /// A framer for one direction of one connection.
    public init(limits: PeerLimits = .init()) {
        self.limits = limits
        bitfieldByteCounts = 0...limits.bitfieldByteCount
    }

    /// Whether nothing of a further message has come yet.
    public var isBetweenMessages: Bool {
        guard case .betweenMessages = state else { return false }
        return partial.readableBytes == 0
    }

    /// From now on a `bitfield` must have exactly the bytes that `count` pieces need.
    public mutating func setPieceCount(_ count: Int) {
        let byteCount = (max(0, count) + 7) / 8
        bitfieldByteCounts = byteCount...byteCount
    }

    /// The next output; nil when `input` is used up.
    ///
    /// - Throws: `PeerProtocolError`; the connection is of no further use.
    public mutating func next(from input: inout ByteBuffer) throws(PeerProtocolError) -> Output? {
        switch state {
        case .betweenMessages: break
        case .inPayload(let remaining): return nextPayload(remaining, from: input)
        case .skipping(let remaining): guard skip(remaining, of: &input) else { return nil }
        }
        if partial.readableBytes == 0 {
            let head = try head(of: input)
            if input.readableBytes >= head.neededByteCount { return take(head, from: &input) }
        }
        return try nextSplit(from: &input)
    }

    private mutating func nextPayload(_ remaining: Int, from input: ByteBuffer) -> Output? {
        let count = min(remaining, input.readableBytes)
        guard count > 0 else { return nil }
        state = count == remaining ? .betweenMessages : .inPayload(remaining: remaining - count)
        return .payload(count: count, isLast: count == remaining)
    }

    /// Whether all was skipped.
    private mutating func skip(_ remaining: Int, of input: inout ByteBuffer) -> Bool {
        let count = min(remaining, input.readableBytes)
        input.moveReaderIndex(forwardBy: count)
        state = count == remaining ? .betweenMessages : .skipping(remaining: remaining - count)
        return count == remaining
    }

    /// Moves from `input` to `partial` what the split message needs, and no more.
    private mutating func nextSplit(from input: inout ByteBuffer) throws(PeerProtocolError) -> Output? {
        while true {
            let head = try head(of: partial)
            let missing = head.neededByteCount - partial.readableBytes
            if missing <= 0 {
                var whole = ByteBuffer()
                swap(&whole, &partial)
                let output = take(head, from: &whole)
                whole.clear()
                if whole.capacity <= Self.keptCapacity { partial = whole }
                return output
            }
            guard var more = input.readSlice(length: min(missing, input.readableBytes)), more.readableBytes > 0 else {
                return nil
            }
            partial.writeBuffer(&more)
        }
    }

    /// `partial` keeps its memory below this: small messages are split all the time, large ones seldom.
    private static let keptCapacity = 256
}

// MARK: - Heads

extension MessageFramer {
    /// Length prefix and id.
    private struct Head {
        /// Bytes after the length prefix.
        var length = 0
        var rawID: UInt8 = 0
        /// Nil for keep-alive and unknown ids.
        var id: MessageID?
        /// Bytes that must be there, length prefix included, before the message can be taken.
        var neededByteCount: Int
    }

    private func head(of buffer: ByteBuffer) throws(PeerProtocolError) -> Head {
        guard let prefix = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else {
            return Head(neededByteCount: 4)
        }
        guard prefix > 0 else { return Head(neededByteCount: 4) }
        guard let rawID = buffer.getInteger(at: buffer.readerIndex + 4, as: UInt8.self) else {
            return Head(neededByteCount: 5)
        }
        let length = Int(prefix)
        let id = MessageID(rawValue: rawID)
        let allowed = allowedLengths(id)
        guard allowed.contains(length) else {
            throw PeerProtocolError(length: length, allowed: allowed, in: Self.name(id, rawID))
        }
        let needed =
            switch id {
            case .piece: 13
            case nil: 5
            default: 4 + length
            }
        return Head(length: length, rawID: rawID, id: id, neededByteCount: needed)
    }

    private func allowedLengths(_ id: MessageID?) -> ClosedRange<Int> {
        switch id {
        case .choke, .unchoke, .interested, .notInterested, .haveAll, .haveNone: 1...1
        case .have, .suggest, .allowedFast: 5...5
        case .request, .cancel, .reject: 13...13
        case .port: 3...3
        case .piece: 9...9 + limits.blockByteCount
        case .bitfield: 1 + bitfieldByteCounts.lowerBound...1 + bitfieldByteCounts.upperBound
        case .extended: 2...2 + limits.extendedByteCount
        case .hashRequest, .hashReject: 49...49
        case .hashes: 49...49 + limits.hashCount * 32
        case nil: 1...1 + limits.unknownByteCount
        }
    }

    private static func name(_ id: MessageID?, _ rawID: UInt8) -> String {
        "message \(rawID) (\(id.map { "\($0)" } ?? "unknown"))"
    }
}

// MARK: - Bodies

extension MessageFramer {
    /// Reads the message that `head` begins from `buffer`, which holds all the bytes it needs.
    private mutating func take(_ head: Head, from buffer: inout ByteBuffer) -> Output {
        guard head.length > 0 else {
            buffer.moveReaderIndex(forwardBy: 4)
            return .message(.keepAlive)
        }
        buffer.moveReaderIndex(forwardBy: 5)
        switch head.id {
        case .choke: return .message(.choke)
        case .unchoke: return .message(.unchoke)
        case .interested: return .message(.interested)
        case .notInterested: return .message(.notInterested)
        case .haveAll: return .message(.haveAll)
        case .haveNone: return .message(.haveNone)
        case .have: return .message(.have(buffer.takePiece()))
        case .suggest: return .message(.suggest(buffer.takePiece()))
        case .allowedFast: return .message(.allowedFast(buffer.takePiece()))
        case .request: return .message(.request(buffer.takeBlock()))
        case .cancel: return .message(.cancel(buffer.takeBlock()))
        case .reject: return .message(.reject(buffer.takeBlock()))
        case .port: return .message(.port(buffer.readInteger() ?? 0))
        case .piece: return takePieceHeader(head.length, from: &buffer)
        case .bitfield: return .message(.bitfield(buffer.takeCopy(of: head.length - 1)))
        case .extended:
            return .message(.extended(id: buffer.readInteger() ?? 0, payload: buffer.takeCopy(of: head.length - 2)))
        case .hashRequest: return .message(.hashRequest(HashRequest(taking: &buffer)))
        case .hashReject: return .message(.hashReject(HashRequest(taking: &buffer)))
        case .hashes:
            return .message(.hashes(HashRequest(taking: &buffer), buffer.takeCopy(of: head.length - 49)))
        case nil:
            if head.length > 1 { state = .skipping(remaining: head.length - 1) }
            return .message(.unknown(id: head.rawID, length: head.length - 1))
        }
    }

    private mutating func takePieceHeader(_ length: Int, from buffer: inout ByteBuffer) -> Output {
        let (piece, offset) = buffer.readMultipleIntegers(as: (UInt32, UInt32).self) ?? (0, 0)
        let payload = length - 9
        if payload > 0 { state = .inPayload(remaining: payload) }
        return .block(BlockRequest(piece: PieceIndex(piece), offset: offset, length: UInt32(payload)))
    }
}

/// Reads whose length was checked with the head, so that the fallbacks are never taken.
extension ByteBuffer {
    fileprivate mutating func takePiece() -> PieceIndex { PieceIndex(readInteger(as: UInt32.self) ?? 0) }

    fileprivate mutating func takeBlock() -> BlockRequest {
        let (piece, offset, length) = readMultipleIntegers(as: (UInt32, UInt32, UInt32).self) ?? (0, 0, 0)
        return BlockRequest(piece: PieceIndex(piece), offset: offset, length: length)
    }

    fileprivate mutating func takeCopy(of count: Int) -> ByteBuffer {
        guard count > 0, let slice = readSlice(length: count) else { return ByteBuffer() }
        return ByteBuffer(bytes: slice.readableBytesView)
    }
}

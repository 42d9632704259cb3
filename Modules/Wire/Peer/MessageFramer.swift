// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Splits a peer's byte stream, after the handshake, into messages (BEP 3). Each connection owns one.
///
/// `next(from:)` consumes its whole input before it returns nil, so the receive buffer can be reused at once; the
/// framer keeps the start of a split message. It keeps at most one message within its limit, never the payload of a
/// block, and its memory grows only with bytes that have arrived. Messages of fixed size need no allocation. Payloads
/// of `bitfield`, `extended` and `hashes` are copied, because a slice would keep the whole receive buffer alive.
///
///                 ┌── fixed or bounded message ──┐
///                 ▼                              │
///     ──▶ betweenMessages ──── piece header ──▶ inPayload(remaining) ──▶ betweenMessages
///                 └─────────── unknown id ────▶ skipping(remaining) ───▶ betweenMessages
///
/// After an error, the stream has lost its framing: close the connection.
package struct MessageFramer: Sendable {
    /// What the next bytes of the stream are.
    package enum Output: Hashable, Sendable {
        /// A message other than `piece`.
        case message(PeerMessage)
        /// The header of a `piece` message. `length` bytes of payload follow. With a length of 0 there is no `payload`
        /// output: the message is complete and well-formed, but useless.
        case block(BlockRequest)
        /// The next `count` bytes of `input` belong to the current block. Consume them all before calling `next` again.
        /// With `isLast`, the block is complete.
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
    /// The start of a message that is split between reads; usually empty.
    private var partial = ByteBuffer()

    /// Creates a framer for the incoming direction of a connection.
    package init(limits: PeerLimits = .init()) {
        self.limits = limits
        bitfieldByteCounts = 0...limits.bitfieldByteCount
    }

    /// Whether no part of a further message has arrived yet.
    package var isBetweenMessages: Bool {
        guard case .betweenMessages = state else { return false }
        return partial.readableBytes == 0
    }

    /// Requires every later `bitfield` to have exactly the number of bytes that `count` pieces need.
    package mutating func setPieceCount(_ count: Int) {
        let byteCount = (max(0, count) + 7) / 8
        bitfieldByteCounts = byteCount...byteCount
    }

    /// Returns the next output; nil once `input` is consumed.
    ///
    /// - Throws: `PeerProtocolError` for a length that the kind of message cannot have, or that exceeds a limit.
    package mutating func next(from input: inout ByteBuffer) throws(PeerProtocolError) -> Output? {
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

    /// Returns whether everything has been skipped.
    private mutating func skip(_ remaining: Int, of input: inout ByteBuffer) -> Bool {
        let count = min(remaining, input.readableBytes)
        input.moveReaderIndex(forwardBy: count)
        state = count == remaining ? .betweenMessages : .skipping(remaining: remaining - count)
        return count == remaining
    }

    /// Moves exactly the bytes that the split message needs from `input` to `partial`.
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

    /// `partial` keeps its memory up to this capacity. Small messages are often split, large ones rarely.
    private static let keptCapacity = 256
}

// MARK: - Heads

extension MessageFramer {
    /// A message's length prefix and id.
    private struct Head {
        /// The number of bytes after the length prefix.
        var length = 0
        var rawID: UInt8 = 0
        /// Nil for a keep-alive and for unknown ids.
        var id: MessageID?
        /// The number of bytes, length prefix included, that must have arrived before `take` can process the message.
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
    /// Consumes the message or header described by `head` from `buffer`, which holds all the bytes it needs.
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

/// Reads whose length the head has already been checked for, so the fallback values are never used.
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

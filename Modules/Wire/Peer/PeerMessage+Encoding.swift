// SPDX-License-Identifier: Apache-2.0

package import NIOCore

extension PeerMessage {
    /// Appends the message with its length prefix. Writes nothing for `unknown`, whose payload has been dropped.
    package func encode(into out: inout ByteBuffer) {
        switch self {
        case .keepAlive: out.writeInteger(0 as UInt32)
        case .choke: out.writeHead(.choke)
        case .unchoke: out.writeHead(.unchoke)
        case .interested: out.writeHead(.interested)
        case .notInterested: out.writeHead(.notInterested)
        case .haveAll: out.writeHead(.haveAll)
        case .haveNone: out.writeHead(.haveNone)
        case .have(let piece): out.write(.have, piece)
        case .suggest(let piece): out.write(.suggest, piece)
        case .allowedFast(let piece): out.write(.allowedFast, piece)
        case .request(let block): out.write(.request, block)
        case .cancel(let block): out.write(.cancel, block)
        case .reject(let block): out.write(.reject, block)
        case .port(let port):
            out.writeHead(.port, bodyByteCount: 2)
            out.writeInteger(port)
        case .bitfield(let bits):
            out.writeHead(.bitfield, bodyByteCount: bits.readableBytes)
            out.writeImmutableBuffer(bits)
        case .extended(let id, let payload):
            out.writeHead(.extended, bodyByteCount: 1 + payload.readableBytes)
            out.writeInteger(id)
            out.writeImmutableBuffer(payload)
        case .hashRequest(let request):
            out.writeHead(.hashRequest, bodyByteCount: HashRequest.byteCount)
            request.write(into: &out)
        case .hashes(let request, let hashes):
            out.writeHead(.hashes, bodyByteCount: HashRequest.byteCount + hashes.readableBytes)
            request.write(into: &out)
            out.writeImmutableBuffer(hashes)
        case .hashReject(let request):
            out.writeHead(.hashReject, bodyByteCount: HashRequest.byteCount)
            request.write(into: &out)
        case .unknown: break
        }
    }
}

extension PeerMessage {
    /// The size of the message in bytes, length prefix included; 0 for `unknown`, which is never sent.
    package var byteCount: Int {
        switch self {
        case .keepAlive: 4
        case .choke, .unchoke, .interested, .notInterested, .haveAll, .haveNone: 5
        case .port: 7
        case .have, .suggest, .allowedFast: 9
        case .request, .cancel, .reject: BlockRequest.requestByteCount
        case .bitfield(let bits): 5 + bits.readableBytes
        case .extended(_, let payload): 6 + payload.readableBytes
        case .hashRequest, .hashReject: 5 + HashRequest.byteCount
        case .hashes(_, let hashes): 5 + HashRequest.byteCount + hashes.readableBytes
        case .unknown: 0
        }
    }
}

extension BlockRequest {
    /// The size in bytes of a `request`, `cancel` or `reject` message.
    package static let requestByteCount = 17

    /// The size in bytes of a `piece` message before its payload.
    package static let blockHeaderByteCount = 13

    /// Appends the header of the `piece` message that answers this request. Write `length` bytes of payload next.
    package func encodeBlockHeader(into out: inout ByteBuffer) {
        out.writeFixed(.piece, piece.rawValue, offset, announcing: Int(length))
    }
}

extension ByteBuffer {
    /// Writes the head of a message. The caller writes the body.
    fileprivate mutating func writeHead(_ id: MessageID, bodyByteCount: Int = 0) {
        writeInteger(UInt32(truncatingIfNeeded: 1 + bodyByteCount))
        writeInteger(id.rawValue)
    }

    fileprivate mutating func write(_ id: MessageID, _ piece: PieceIndex) { writeFixed(id, piece.rawValue) }

    fileprivate mutating func write(_ id: MessageID, _ block: BlockRequest) {
        writeFixed(id, block.piece.rawValue, block.offset, block.length)
    }

    /// Writes a message of one to three numbers in a single call. `writeMultipleIntegers` took seven times as long, and
    /// requests are sent by the hundred. `extraByteCount` is the number of bytes that the caller writes next.
    @inline(__always)
    fileprivate mutating func writeFixed(
        _ id: MessageID,
        _ first: UInt32,
        _ second: UInt32? = nil,
        _ third: UInt32? = nil,
        announcing extraByteCount: Int = 0
    ) {
        let bodyByteCount = third != nil ? 12 : second != nil ? 8 : 4
        writeWithUnsafeMutableBytes(minimumWritableBytes: 5 + bodyByteCount) { out in
            let length = UInt32(truncatingIfNeeded: 1 + bodyByteCount + extraByteCount)
            out.storeBytes(of: length.bigEndian, as: UInt32.self)
            out.storeBytes(of: id.rawValue, toByteOffset: 4, as: UInt8.self)
            out.storeBytes(of: first.bigEndian, toByteOffset: 5, as: UInt32.self)
            if let second { out.storeBytes(of: second.bigEndian, toByteOffset: 9, as: UInt32.self) }
            if let third { out.storeBytes(of: third.bigEndian, toByteOffset: 13, as: UInt32.self) }
            return 5 + bodyByteCount
        }
    }
}

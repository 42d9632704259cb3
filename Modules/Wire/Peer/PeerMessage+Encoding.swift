// SPDX-License-Identifier: Apache-2.0

public import NIOCore

extension PeerMessage {
    /// Appends the message with its length prefix. `unknown` has no payload to send: nothing is written.
    public func encode(into out: inout ByteBuffer) {
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

extension BlockRequest {
    /// Bytes of a `piece` message before its payload.
    public static let blockHeaderByteCount = 13

    /// Appends the beginning of the `piece` message that answers this request: `length` bytes of payload have to
    /// follow.
    public func encodeBlockHeader(into out: inout ByteBuffer) {
        out.writeMultipleIntegers(9 &+ length, MessageID.piece.rawValue, piece.rawValue, offset)
    }
}

extension ByteBuffer {
    fileprivate mutating func writeHead(_ id: MessageID, bodyByteCount: Int = 0) {
        writeMultipleIntegers(UInt32(truncatingIfNeeded: 1 + bodyByteCount), id.rawValue)
    }

    fileprivate mutating func write(_ id: MessageID, _ piece: PieceIndex) {
        writeMultipleIntegers(5 as UInt32, id.rawValue, piece.rawValue)
    }

    fileprivate mutating func write(_ id: MessageID, _ block: BlockRequest) {
        writeMultipleIntegers(13 as UInt32, id.rawValue, block.piece.rawValue, block.offset, block.length)
    }
}

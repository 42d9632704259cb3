// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// A `ut_metadata` message: transfers the info dictionary in pieces to peers that joined by magnet link (BEP 9).
package enum MetadataMessage: Hashable, Sendable {
    /// Requests a piece.
    case request(piece: Int)
    /// A piece: 16 KiB, or the rest of the dictionary. `totalByteCount` is the size of the whole dictionary. If it is
    /// present, the parser has checked the payload's length against it.
    case data(piece: Int, totalByteCount: Int?, payload: ByteBuffer)
    /// The sender does not send the piece.
    case reject(piece: Int)
    /// A message of an unknown kind, which must be ignored.
    case unknown(kind: Int)

    /// The size of a piece of metadata in bytes, except for the last.
    package static let pieceByteCount = 16 * 1024

    /// Returns the size in bytes of `piece` of a dictionary of `totalByteCount` bytes; 0 if it has no such piece.
    package static func byteCount(ofPiece piece: Int, totalByteCount: Int) -> Int {
        let (start, overflow) = piece.multipliedReportingOverflow(by: pieceByteCount)
        return overflow || piece < 0 ? 0 : max(0, min(pieceByteCount, totalByteCount - start))
    }
}

// MARK: - Parsing

extension MetadataMessage {
    private static let name = "ut_metadata"

    /// Parses the payload of an extended message.
    ///
    /// - Throws: `PeerProtocolError` if the payload does not begin with the dictionary of BEP 9, or a piece has the
    ///   wrong length.
    package init(parsing payload: ByteBuffer, limits: PeerLimits = .init()) throws(PeerProtocolError) {
        let document = try PeerBencode.dictionary(payload, in: Self.name, rules: .messageWithPayload)
        let root = document.root
        let kind = try root.integer("msg_type", in: 0...Int.max, of: Self.name)
        guard kind <= 2 else {
            self = .unknown(kind: kind)
            return
        }
        let lastPiece = max(0, limits.metadataByteCount - 1) / Self.pieceByteCount
        let piece = try root.integer("piece", in: 0...lastPiece, of: Self.name)
        switch kind {
        case 0: self = .request(piece: piece)
        case 1:
            let total = try root["total_size"].map { (_) throws(PeerProtocolError) in
                try root.integer("total_size", in: 1...limits.metadataByteCount, of: Self.name)
            }
            let bytes = payload.getSlice(
                at: payload.readerIndex + root.range.upperBound,
                length: payload.readableBytes - root.range.upperBound
            )
            self = .data(piece: piece, totalByteCount: total, payload: bytes ?? ByteBuffer())
            try checkPayload()
        default: self = .reject(piece: piece)
        }
    }

    private func checkPayload() throws(PeerProtocolError) {
        guard case .data(let piece, let total, let payload) = self else { return }
        let allowed =
            if let total {
                Self.byteCount(
                    ofPiece: piece,
                    totalByteCount: total
                )...Self.byteCount(
                    ofPiece: piece,
                    totalByteCount: total
                )
            } else {
                1...Self.pieceByteCount
            }
        guard payload.readableBytes > 0, allowed.contains(payload.readableBytes) else {
            throw PeerProtocolError(length: payload.readableBytes, allowed: allowed, in: "\(Self.name) piece \(piece)")
        }
    }
}

// MARK: - Encoding

extension MetadataMessage {
    /// Returns the payload of the extended message.
    package func encoded() -> ByteBuffer {
        switch self {
        case .request(let piece): return Self.encode(kind: 0, piece: piece)
        case .data(let piece, let total, let payload):
            var out = Self.encode(kind: 1, piece: piece, total: total)
            out.writeImmutableBuffer(payload)
            return out
        case .reject(let piece): return Self.encode(kind: 2, piece: piece)
        case .unknown(let kind): return Self.encode(kind: kind)
        }
    }

    private static func encode(kind: Int, piece: Int? = nil, total: Int? = nil) -> ByteBuffer {
        var encoder = BencodeEncoder()
        encoder.dictionary { dictionary in
            dictionary.entry("msg_type", kind)
            dictionary.entry("piece", piece)
            dictionary.entry("total_size", total)
        }
        return ByteBuffer(bytes: encoder.bytes)
    }
}

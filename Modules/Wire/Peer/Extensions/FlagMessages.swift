// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// An `lt_donthave` message: the sender no longer has a piece (BEP 54).
package struct DontHaveMessage: Hashable, Sendable {
    /// The piece that is lost.
    package var piece: PieceIndex

    /// Creates a message about `piece`.
    package init(_ piece: PieceIndex) { self.piece = piece }

    /// Parses the payload of an extended message, which must have four bytes.
    ///
    /// - Throws: `PeerProtocolError` with the code `.badLength` for any other length.
    package init(parsing payload: ByteBuffer) throws(PeerProtocolError) {
        guard payload.readableBytes == 4, let piece = payload.getInteger(at: payload.readerIndex, as: UInt32.self)
        else {
            throw PeerProtocolError(length: payload.readableBytes, allowed: 4...4, in: ExtensionName.dontHave.rawValue)
        }
        self.piece = PieceIndex(piece)
    }

    /// Returns the payload of the extended message.
    package func encoded() -> ByteBuffer { ByteBuffer(integer: piece.rawValue) }
}

/// An `upload_only` message: the sender has stopped downloading, or resumes it. libtorrent's way to update the BEP 21
/// field after the handshake.
package struct UploadOnlyMessage: Hashable, Sendable {
    /// Whether the sender only uploads from now on.
    package var isUploadOnly: Bool

    /// Creates a message.
    package init(_ isUploadOnly: Bool) { self.isUploadOnly = isUploadOnly }

    /// Parses the payload of an extended message, which must have one byte.
    ///
    /// - Throws: `PeerProtocolError` with the code `.badLength` for any other length.
    package init(parsing payload: ByteBuffer) throws(PeerProtocolError) {
        guard payload.readableBytes == 1, let flag = payload.getInteger(at: payload.readerIndex, as: UInt8.self) else {
            throw PeerProtocolError(
                length: payload.readableBytes,
                allowed: 1...1,
                in: ExtensionName.uploadOnly.rawValue
            )
        }
        isUploadOnly = flag != 0
    }

    /// Returns the payload of the extended message.
    package func encoded() -> ByteBuffer { ByteBuffer(integer: isUploadOnly ? 1 : 0 as UInt8) }
}

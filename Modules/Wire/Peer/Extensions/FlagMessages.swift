// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// An `lt_donthave` message: the sender no longer has a piece (BEP 54).
public struct DontHaveMessage: Hashable, Sendable {
    /// The lost piece.
    public var piece: PieceIndex

    /// A message about `piece`.
    public init(_ piece: PieceIndex) { self.piece = piece }

    /// Reads the payload of an extended message: four bytes.
    ///
    /// - Throws: `PeerProtocolError` for another length.
    public init(parsing payload: ByteBuffer) throws(PeerProtocolError) {
        guard payload.readableBytes == 4, let piece = payload.getInteger(at: payload.readerIndex, as: UInt32.self)
        else {
            throw PeerProtocolError(length: payload.readableBytes, allowed: 4...4, in: ExtensionName.dontHave)
        }
        self.piece = PieceIndex(piece)
    }

    /// The payload of the extended message.
    public func encoded() -> ByteBuffer { ByteBuffer(integer: piece.rawValue) }
}

/// An `upload_only` message: the sender stopped, or began again, to want pieces; libtorrent's live form of BEP 21.
public struct UploadOnlyMessage: Hashable, Sendable {
    /// Whether the sender only uploads from now on.
    public var isUploadOnly: Bool

    /// A message that says so.
    public init(_ isUploadOnly: Bool) { self.isUploadOnly = isUploadOnly }

    /// Reads the payload of an extended message: one byte.
    ///
    /// - Throws: `PeerProtocolError` for another length.
    public init(parsing payload: ByteBuffer) throws(PeerProtocolError) {
        guard payload.readableBytes == 1, let flag = payload.getInteger(at: payload.readerIndex, as: UInt8.self) else {
            throw PeerProtocolError(length: payload.readableBytes, allowed: 1...1, in: ExtensionName.uploadOnly)
        }
        isUploadOnly = flag != 0
    }

    /// The payload of the extended message.
    public func encoded() -> ByteBuffer { ByteBuffer(integer: isUploadOnly ? 1 : 0 as UInt8) }
}

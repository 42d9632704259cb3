// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheCrypto

/// A message between peers after the handshake, but for `piece`, whose payload never passes through a value:
/// the framer announces it (`MessageFramer`), the driver copies it to where it belongs.
public enum PeerMessage: Hashable, Sendable {
    // BEP 3
    case keepAlive
    case choke
    case unchoke
    case interested
    case notInterested
    case have(PieceIndex)
    /// The payload as it came: how many bits it needs is known to whoever knows the torrent.
    case bitfield(ByteBuffer)
    case request(BlockRequest)
    case cancel(BlockRequest)
    /// The peer's DHT node (BEP 5).
    case port(UInt16)
    // BEP 6
    case suggest(PieceIndex)
    case haveAll
    case haveNone
    case reject(BlockRequest)
    case allowedFast(PieceIndex)
    // BEP 10: id 0 is the extended handshake; the payload is left to whoever registered the id.
    case extended(id: UInt8, payload: ByteBuffer)
    // BEP 52
    case hashRequest(HashRequest)
    case hashes(HashRequest, ByteBuffer)
    case hashReject(HashRequest)
    /// An id that we don't know; BEP 3 has it ignored. Its payload was skipped.
    case unknown(id: UInt8, length: Int)
}

/// Which hashes of a file's tree are asked for (BEP 52, "hash request").
public struct HashRequest: Hashable, Sendable {
    /// The file.
    public var root: SHA256Digest
    /// 0 for the leaves; the piece layer is log2(pieceLength / 16 KiB).
    public var baseLayer: UInt32
    /// First hash in that layer; a multiple of `length`.
    public var index: UInt32
    /// How many: a power of two, at least 2, at most 512.
    public var length: UInt32
    /// How many uncle hashes are wanted to prove them.
    public var proofLayers: UInt32

    /// A request from its fields.
    public init(root: SHA256Digest, baseLayer: UInt32, index: UInt32, length: UInt32, proofLayers: UInt32) {
        self.root = root
        self.baseLayer = baseLayer
        self.index = index
        self.length = length
        self.proofLayers = proofLayers
    }
}

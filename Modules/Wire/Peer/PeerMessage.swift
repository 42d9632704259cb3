// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheCrypto

/// A message between peers after the handshake, other than `piece`. The payload of `piece` is never held in a value:
/// `MessageFramer` reports it, and the driver copies it to its destination.
package enum PeerMessage: Hashable, Sendable {
    // BEP 3
    case keepAlive
    case choke
    case unchoke
    case interested
    case notInterested
    case have(PieceIndex)
    /// The payload as received. Only the piece count of the torrent says how many bits are valid.
    case bitfield(ByteBuffer)
    case request(BlockRequest)
    case cancel(BlockRequest)
    /// The port of the peer's DHT node (BEP 5).
    case port(UInt16)
    // BEP 6
    case suggest(PieceIndex)
    case haveAll
    case haveNone
    case reject(BlockRequest)
    case allowedFast(PieceIndex)
    // BEP 10: id 0 is the extended handshake. Only the extension that registered the id can parse the payload.
    case extended(id: UInt8, payload: ByteBuffer)
    // BEP 52
    case hashRequest(HashRequest)
    case hashes(HashRequest, ByteBuffer)
    case hashReject(HashRequest)
    /// A message with an unknown id, which must be ignored (BEP 3). Its payload has been skipped.
    case unknown(id: UInt8, length: Int)
}

/// A request for hashes of a file's tree (BEP 52, "hash request").
package struct HashRequest: Hashable, Sendable {
    /// The root of the file's tree.
    package var root: SHA256Digest
    /// The layer of the hashes: 0 for the leaves, log2(pieceLength / 16 KiB) for the piece layer.
    package var baseLayer: UInt32
    /// The index of the first hash in the layer; a multiple of `length`.
    package var index: UInt32
    /// The number of hashes: a power of two from 2 to 512.
    package var length: UInt32
    /// The number of ancestor layers for which uncle hashes are wanted as a proof.
    package var proofLayers: UInt32

    /// Creates a request; no value is checked.
    package init(root: SHA256Digest, baseLayer: UInt32, index: UInt32, length: UInt32, proofLayers: UInt32) {
        self.root = root
        self.baseLayer = baseLayer
        self.index = index
        self.length = length
        self.proofLayers = proofLayers
    }
}

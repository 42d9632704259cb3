// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheStorage
package import RucheTransport
package import RucheWire

/// What the core wants its driver to do, in this order.
package enum SwarmEffect {
    /// Write this message to the peer, after earlier ones.
    case send(PeerSlot, PeerMessage)
    /// The peer's upload queue has grown: drain it with `nextUpload` as its socket and the rate limits allow.
    case upload(PeerSlot)
    /// Every block of the piece is in its buffer: verify it, store it if correct, answer with `handleOutcome`.
    /// `wantsDigests`: the outcome must contain a digest of each block, even if the piece is correct.
    case judge(PieceIndex, wantsDigests: Bool)
    /// Forget the buffered blocks of this piece.
    case discard(PieceIndex)
    /// Close the connection. The core has already forgotten the peer.
    case disconnect(PeerSlot, DisconnectReason)
    /// Open a connection; answer with `handleOpened`, `handleDialFailed` or `handleDialDeferred`.
    case dial(PeerEndpoint)
    /// Open a connection over this kind of transport only; answer in the same way.
    case dialOver(TransportKind, PeerEndpoint)
    /// Close a connection whose handshakes take too long. The core has forgotten it already.
    case giveUp(OpeningID)
    /// The metadata has arrived and matches the info-hash: open the content, answer with `handleContent`.
    case metadataComplete([UInt8])
    /// A candidate for the metadata is complete: call `handleMetadataVerdict` with the result of `MetadataCheck` for
    /// its parts.
    case judgeMetadata(candidate: Int, parts: [[UInt8]])
    /// The missing piece layers, by root: create a new verifier with them, and keep them with the metadata.
    case pieceLayersComplete([SHA256Digest: [SHA256Digest]])
    /// Compute the leaf hashes that the request names from stored data and answer with `handleLeaves`, in any case.
    case readLeaves(PeerSlot, HashRequest, PieceIndex)
    /// Compute the tree above a file's piece layer, whose nodes are given, and answer with `handleTree`, in any case.
    case makeTree(root: SHA256Digest, layer: [SHA256Digest], at: Int)
    /// Tell a reader about the piece that it waits for.
    case reading(ReaderID, ReadingNews)
    /// Verify and store a piece that the content has created; answer with `handleOutcome`.
    case store(PieceIndex, [UInt8])
    /// The content has a new shape, for which the verifier is: adapt memory and store.
    indirect case reshaped(ContentShape, any PieceVerifier)
    /// The content has broken the rules of shapes, an error of the app: for the log.
    case shapeRefused(ContentShape)
    /// The extension with this name reports something to the app.
    case extensionReport(ExtensionName, any Sendable)
    /// A peer runs a DHT node here (BEP 5): tell our own node.
    case dhtNode(PeerEndpoint)
    /// Everything wanted is verified and stored.
    case completed
    /// A peer has misbehaved: for the log.
    case misbehaved(PeerEndpoint, Misbehaviour)
    /// A peer owes blocks and sends none: for the log.
    case snubbed(PeerEndpoint)
    /// A peer leaves in the middle of a message that takes it long: for the log, with its name.
    case dribbled(PeerEndpoint)
    /// This address is distrusted for a while: no blocks are requested from its peers before they have sent a correct
    /// one.
    case banned(IPAddress)
    /// Whether blocks were recently transferred with the peer has changed: this counts if connections must yield.
    case standing(PeerSlot, isBusy: Bool)
    /// The web seed with this number sent wrong bytes for the piece.
    case webSeedWrong(Int, PieceIndex)
    /// The torrent contradicts itself: its v1 and v2 hashes do not describe the same data.
    case contradiction(PieceIndex)
}

/// Why a connection was closed.
package enum DisconnectReason: Hashable, Sendable {
    /// No message arrived for too long.
    case timedOut
    /// It took too long over one message.
    case dribbled
    /// Two complete peers have nothing to send to each other.
    case bothComplete
    /// Another connection to the same peer is kept.
    case duplicate
    /// It is ourselves.
    case ourselves
    /// The misbehaviour was logged separately.
    case misbehaviour(Misbehaviour)
    /// The named limit on connections is reached.
    case noRoom
    /// It made room for a peer that may be more useful.
    case useless
    /// It made room for another address: its own has the most places.
    case overItsShare
    /// Others wait for its place, and we have just served it.
    case hadItsTurn
    /// The torrent has stopped.
    case stopped

    /// Whether the peer did nothing wrong: others needed its place.
    var isBlameless: Bool {
        switch self {
        case .duplicate, .noRoom, .overItsShare, .hadItsTurn, .stopped: true
        case .timedOut, .dribbled, .bothComplete, .ourselves, .misbehaviour, .useless: false
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheStorage
package import RucheWire

/// What the core asks of its driver, in the order in which it is to be done.
package enum SwarmEffect {
    /// Write this message to the peer, after what was written before.
    case send(PeerSlot, PeerMessage)
    /// The peer's upload queue has grown: drain it with `nextUpload` as its socket and the rate limits allow.
    case upload(PeerSlot)
    /// Every block of the piece is in its buffer: judge it, store it if right, answer with `handleOutcome`.
    /// `wantsDigests`: the outcome has to carry a digest of each block, even if the piece is right.
    case judge(PieceIndex, wantsDigests: Bool)
    /// Forget the buffered blocks of this piece.
    case discard(PieceIndex)
    /// Close the connection. The core has forgotten the peer already.
    case disconnect(PeerSlot, DisconnectReason)
    /// Open a connection; answer with `handleConnected` or `handleDialFailed`.
    case dial(PeerEndpoint)
    /// The metadata has arrived and matches the info-hash: open the content, answer with `handleContent`.
    case metadataComplete([UInt8])
    /// A candidate for the metadata is whole: call `handleMetadataVerdict` with what `MetadataCheck` makes of its parts.
    case judgeMetadata(candidate: Int, parts: [[UInt8]])
    /// The piece layers that were missing, by root: make a new verifier with them, and keep them with the metadata.
    case pieceLayersComplete([SHA256Digest: [SHA256Digest]])
    /// Compute the leaves that the request names from stored data and answer with `handleLeaves`, in any case.
    case readLeaves(PeerSlot, HashRequest, PieceIndex)
    /// Compute the tree above a file's piece layer, whose nodes are given, and answer with `handleTree`, in any case.
    case makeTree(root: SHA256Digest, layer: [SHA256Digest], at: Int)
    /// A reader learns of the piece that it waits for.
    case reading(ReaderID, ReadingNews)
    /// Verify and store a piece that the content has made; answer with `handleOutcome`.
    case store(PieceIndex, [UInt8])
    /// The content has another shape from now on, and the verifier is for that: let memory and store follow.
    indirect case reshaped(ContentShape, any PieceVerifier)
    /// The content has broken the rules of shapes, a fault of the app: for the log.
    case shapeRefused(ContentShape)
    /// The extension of this name tells the app something.
    case extensionReport(ExtensionName, any Sendable)
    /// Everything wanted is verified and stored.
    case completed
    /// A peer did what it should not have: for the log, with its name.
    case misbehaved(PeerEndpoint, Misbehaviour)
    /// A peer owes blocks and sends none: for the log, with its name.
    case snubbed(PeerEndpoint)
    /// This address is distrusted for a while: its peers are asked for no block before they have shown a right one.
    case banned(IPAddress)
    /// Whether blocks have passed between us and the peer of late has changed: it counts where connections must yield.
    case standing(PeerSlot, isBusy: Bool)
    /// The web seed of this number sent wrong bytes for the piece.
    case webSeedWrong(Int, PieceIndex)
    /// The torrent contradicts itself: its v1 and v2 hashes do not describe the same data.
    case contradiction(PieceIndex)
}

/// Why a connection was given up.
package enum DisconnectReason: Hashable, Sendable {
    /// It was for too long not worth a message.
    case timedOut
    /// Two complete peers have nothing to tell each other.
    case bothComplete
    /// Another connection to the same peer is kept.
    case duplicate
    /// It is ourselves.
    case ourselves
    /// See the misbehaviour that was logged with it.
    case misbehaviour(Misbehaviour)
    /// The named limit on connections is reached.
    case noRoom
    /// To make room for a peer that may be of more use.
    case useless
    /// To make room for another address: its own has the most places.
    case overItsShare
    /// Others wait for its place, and we have just served it.
    case hadItsTurn
    /// The torrent stops.
    case stopped

    /// Whether the peer did nothing to deserve it: others needed its place.
    var isBlameless: Bool {
        switch self {
        case .duplicate, .noRoom, .overItsShare, .hadItsTurn, .stopped: true
        case .timedOut, .bothComplete, .ourselves, .misbehaviour, .useless: false
        }
    }
}

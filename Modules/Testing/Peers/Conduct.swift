// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The behaviour of a virtual peer.
public enum Conduct: Hashable, Sendable {
    /// Follows the protocol.
    case honest
    /// Downloads, but never unchokes anyone.
    case freeRider
    /// Claims to have everything, and corrupts a byte in this share of its blocks.
    case poisoner(share: Double)
    /// Claims everything, and sends each block with wrong bytes, the last one seconds later: it wants others to be
    /// blamed for the bytes that it overwrote.
    case overwriter
    /// Claims everything, and rejects every request.
    case liar
    /// Claims to have everything, the metadata too, accepts requests, and never answers.
    case mute
    /// Claims to have everything, and sends one block every 40 seconds.
    case staller
    /// Completes the handshake, then sends random bytes.
    case garbage
    /// Sends requests by the hundred, even while choked.
    case flooder
    /// Asks for metadata and hashes, and changes its mind, by the hundred.
    case inquirer

    /// Whether the peer does not send a message that its core asks for.
    func withholds(_ message: PeerMessage) -> Bool {
        switch (self, message) {
        case (.freeRider, .unchoke): true
        case (.mute, .extended(let id, _)): id != ExtendedHandshake.id
        default: false
        }
    }

    /// Whether the peer claims to have everything.
    var claimsEverything: Bool {
        switch self {
        case .poisoner, .overwriter, .liar, .mute, .staller: true
        case .honest, .freeRider, .garbage, .flooder, .inquirer: false
        }
    }
}

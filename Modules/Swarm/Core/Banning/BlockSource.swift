// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// The sender of a block, remembered beyond the end of its connection.
package enum BlockSource: Hashable, Sendable {
    /// A peer: one connection, by its number in this swarm. The peer id is not part of it, because a peer chooses its
    /// own; a peer that reconnects is another source.
    case peer(IPAddress, connection: UInt64)
    /// A web seed, by its number among those of the torrent. Its address says nothing: other content, and honest peers,
    /// may share it.
    case webSeed(Int)

    init(_ introduction: PeerIntroduction, connection: UInt64) {
        self = introduction.webSeed.map(Self.webSeed) ?? .peer(introduction.endpoint.address, connection: connection)
    }
}

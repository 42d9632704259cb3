// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Who sent a block, remembered beyond the end of its connection.
package enum BlockSource: Hashable, Sendable {
    /// A peer. Several may share an address, so its peer id counts as well, as a number.
    case peer(IPAddress, id: UInt32)
    /// A web seed, by its number among those of the torrent. Its address says nothing: other content, and honest peers,
    /// may be behind it.
    case webSeed(Int)

    init(_ introduction: PeerIntroduction) {
        if let number = introduction.webSeed {
            self = .webSeed(number)
        } else {
            // FNV-1a: a neighbour that wants to be taken for another can have its id, too.
            let id = introduction.handshake.peerID.bytes.bytes.reduce(0x811c_9dc5 as UInt32) {
                ($0 ^ UInt32($1)) &* 0x0100_0193
            }
            self = .peer(introduction.endpoint.address, id: id)
        }
    }
}

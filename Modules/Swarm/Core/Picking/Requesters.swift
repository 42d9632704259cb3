// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What decides how much a request to a peer counts: where the peer is, and whether it has ever sent a block.
///
/// By slot. `PiecePicker` owns it.
struct Requesters: Sendable {
    private struct Requester: Sendable {
        /// Nil for a web seed, whose address says nothing.
        var group: AddressGroup?
        var isProven = false
    }

    private var requesters: [Requester] = []

    mutating func handlePeerJoined(_ peer: PeerSlot, as source: BlockSource) {
        while requesters.count <= peer.int { requesters.append(Requester()) }
        let group: AddressGroup? = if case .peer(let address, _) = source { address.group } else { nil }
        requesters[peer.int] = Requester(group: group)
    }

    /// A block that was wanted has come from `peer`.
    mutating func handleDelivered(_ peer: PeerSlot) {
        guard peer.int < requesters.count else { return }
        requesters[peer.int].isProven = true
    }

    func isProven(_ peer: PeerSlot) -> Bool { peer.int < requesters.count && requesters[peer.int].isProven }

    /// Whether both are peers at one address (IPv6: /64).
    func areNeighbours(_ peer: PeerSlot, _ other: PeerSlot) -> Bool {
        guard peer.int < requesters.count, other.int < requesters.count else { return false }
        return requesters[peer.int].group.map { $0 == requesters[other.int].group } ?? false
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Finds out our own address as others see it, from what peers say (BEP 10 `yourip`).
///
/// Each address that peers come from has one vote, its latest. What at least `quorum` and more than half of them say is
/// believed: a wrong answer only makes for a poorer order of dials. Bounded: the oldest vote makes room for a new one.
/// Owner: the swarm's core.
struct AddressVotes: Sendable {
    static let quorum = 3
    static let limit = 32

    private var votes: [AddressGroup: IPAddress] = [:]
    /// Who has voted, the oldest first.
    private var order: [AddressGroup] = []

    /// A peer at `voter` says that we are `address`. The address that is believed now, if any.
    mutating func handleVote(for address: IPAddress, by voter: IPAddress) -> IPAddress? {
        if votes.updateValue(address, forKey: voter.group) == nil { order.append(voter.group) }
        if order.count > Self.limit { votes[order.removeFirst()] = nil }
        let count = votes.values.count { $0 == address }
        return count >= Self.quorum && 2 * count > votes.count ? address : nil
    }
}

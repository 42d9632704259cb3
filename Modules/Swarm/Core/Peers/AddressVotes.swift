// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Determines our own address as others see it, from what peers say (BEP 10 `yourip`).
///
/// Each address of a peer has one vote, its latest. An address named by at least `quorum` and by more than half of the
/// voters is believed: a wrong one only leads to a worse order of dials. Limited: the oldest vote makes room for a new
/// one. Owner: the swarm's core.
struct AddressVotes: Sendable {
    static let quorum = 3
    static let limit = 32

    private var votes: [AddressGroup: IPAddress] = [:]
    /// The voters, the oldest first.
    private var order: [AddressGroup] = []

    /// Handles the statement of a peer at `voter` that our address is `address`. Returns the address that is believed
    /// now, if any.
    mutating func handleVote(for address: IPAddress, by voter: IPAddress) -> IPAddress? {
        if votes.updateValue(address, forKey: voter.group) == nil { order.append(voter.group) }
        if order.count > Self.limit { votes[order.removeFirst()] = nil }
        let count = votes.values.count { $0 == address }
        return count >= Self.quorum && 2 * count > votes.count ? address : nil
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Determines our address from what other nodes report in their responses (BEP 42, `ip`; BEP 24 votes the same way).
///
/// A node or a whole network may lie, so each neighbourhood has one vote, and only the last few count.
struct AddressVotes: Sendable {
    private struct Vote: Sendable {
        let voter: UInt64
        let address: IPAddress
    }

    private let needed: Int
    private var votes: [Vote] = []

    init(needed: Int) { self.needed = max(1, needed) }

    /// Records a vote. Returns the address with the most votes, if there are enough.
    mutating func note(_ address: IPAddress, from voter: IPAddress) -> IPAddress? {
        guard let neighbourhood = voter.neighbourhood, !address.isPrivate, address.isReachable,
            address.isIPv4 == voter.isIPv4
        else { return nil }
        votes.removeAll { $0.voter == neighbourhood }
        votes.append(Vote(voter: neighbourhood, address: address))
        if votes.count > 3 * needed { votes.removeFirst() }
        let agreeing = votes.count { $0.address == address }
        return agreeing >= needed && 2 * agreeing > votes.count ? address : nil
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Counts strangers at the door, in all and by where they come from, so that no one place can hold it shut.
///
/// Owner: `PeerListener`, under its lock. Invariant: an origin is held only while it has somebody waiting, so the
/// table is no larger than `limit`.
struct AdmissionLedger {
    private(set) var count = 0
    private let limit: Int
    private let limitPerOrigin: Int
    private var waiting: [Origin: Int] = [:]

    init(limit: Int, limitPerOrigin: Int) {
        self.limit = limit
        self.limitPerOrigin = limitPerOrigin
    }

    /// Lets one in from `address`, unless a limit is reached.
    mutating func admit(_ address: IPAddress) -> Bool {
        let origin = Origin(address)
        let sameOrigin = waiting[origin, default: 0]
        guard count < limit, sameOrigin < limitPerOrigin else { return false }
        count += 1
        waiting[origin] = sameOrigin + 1
        return true
    }

    /// Forgets one that was admitted from `address`.
    mutating func release(_ address: IPAddress) {
        let origin = Origin(address)
        guard let sameOrigin = waiting[origin] else { return }
        count -= 1
        waiting[origin] = sameOrigin > 1 ? sameOrigin - 1 : nil
    }

    /// An IPv4 address, or an IPv6 /64: the least that one customer is given.
    private struct Origin: Hashable {
        let isIPv4: Bool
        let bits: UInt64

        init(_ address: IPAddress) {
            isIPv4 = address.isIPv4
            bits = address.isIPv4 ? address.low : address.high
        }
    }
}

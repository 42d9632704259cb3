// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What the peer is owed: an acknowledgement for each batch of its packets, delayed where it was a single one in order.
struct AckDebt {
    /// Whether one should be sent now.
    private(set) var isDue = false
    /// When it is due at the latest.
    private(set) var deadline: Instant?

    private var packets = 0
    private var isUrgent = false

    /// A packet came. `isUrgent`: it shows that one is missing, or that the peer missed what we said.
    mutating func handlePacket(isUrgent: Bool) {
        packets += 1
        self.isUrgent = self.isUrgent || isUrgent
    }

    /// All packets of one read have been handled.
    mutating func handleBatchEnd(delay: Interval, at now: Instant) {
        guard packets > 0 else { return }
        if isUrgent || packets > 1 {
            isDue = true
        } else if deadline == nil {
            deadline = now + delay
        }
    }

    mutating func handleTimeout(at now: Instant) {
        if let deadline, deadline <= now { isDue = true }
    }

    /// Something must be said at once.
    mutating func demand() { isDue = true }

    /// A packet with an acknowledgement was sent.
    mutating func settle() { self = AckDebt() }
}

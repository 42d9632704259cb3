// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The acknowledgements that we owe the peer: one per batch of its packets, delayed if that was a single one in order.
struct AckDebt {
    /// Whether an acknowledgement should be sent now.
    private(set) var isDue = false
    /// The latest time to send it.
    private(set) var deadline: Instant?

    private var packets = 0
    private var isUrgent = false

    /// Records a packet. `isUrgent` means that a packet is missing, or that the peer missed what we sent.
    mutating func handlePacket(isUrgent: Bool) {
        packets += 1
        self.isUrgent = self.isUrgent || isUrgent
    }

    /// Ends the packets of one read.
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

    /// Makes an acknowledgement due at once.
    mutating func demand() { isDue = true }

    /// Records that a packet with an acknowledgement was sent.
    mutating func settle() { self = AckDebt() }
}

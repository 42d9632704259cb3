// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Detects from the epoch in each response that a gateway has lost its mappings.
///
/// Owner: `GatewayMapper`.
package struct EpochClock: Sendable {
    private var last: (epoch: Int64, seen: Instant)?

    package init() {}

    /// Returns whether the gateway kept its state since the previous response. A gateway's clock may be off by an
    /// eighth (RFC 6886, section 3.6) or a sixteenth (RFC 6887, section 8.5). Both get an eighth here: only a clock
    /// that jumps back by more than its drift has restarted.
    package mutating func handleEpoch(_ epoch: UInt32, at now: Instant) -> Bool {
        let epoch = Int64(epoch)
        defer { last = (epoch, now) }
        guard let last else { return true }
        let passed = max(0, (now - last.seen).nanoseconds / 1_000_000_000)
        return epoch + 2 >= last.epoch + passed - passed / 8
    }
}

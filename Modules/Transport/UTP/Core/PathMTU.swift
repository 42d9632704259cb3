// SPDX-License-Identifier: Apache-2.0

/// Finds the maximum datagram length by probing (BEP 29, "packet sizes").
///
/// The bytes of a numbered packet cannot be split differently later. So a probe is a packet of proven length plus
/// padding: an unknown extension, which BEP 29 requires receivers to skip. If the probe is lost, the packet is sent
/// again without it.
struct PathMTU {
    /// The longest datagram that arrived.
    private(set) var proven: Int

    private var ceiling: Int
    private var trial: (datagramBytes: Int, sequence: UTPSequence)?
    private var failures = 0
    private var hasFailed = false

    /// A probe may be lost like any other packet, so a length is ruled out only after a second one.
    private static let tries = 2
    /// Smaller differences are not worth a probe.
    private static let step = 16

    init(_ limits: UTPLimits) {
        proven = max(UTPHeader.byteCount + 1, min(limits.smallestDatagramBytes, limits.datagramBytes))
        ceiling = limits.datagramBytes
    }

    /// Bytes of payload in a full packet.
    var payloadBytes: Int { proven - UTPHeader.byteCount }

    /// The length of the next full packet if it should be a probe; nil otherwise. The ceiling is tried first.
    var nextTrial: Int? {
        guard trial == nil, ceiling - proven >= Self.step else { return nil }
        return hasFailed ? (proven + ceiling + 1) / 2 : ceiling
    }

    mutating func handleTrial(_ datagramBytes: Int, _ sequence: UTPSequence) { trial = (datagramBytes, sequence) }

    /// Records that a packet that was sent once has arrived.
    mutating func handleAcknowledged(_ sequence: UTPSequence) {
        guard let trial, trial.sequence == sequence else { return }
        proven = trial.datagramBytes
        self.trial = nil
        failures = 0
    }

    /// Records a lost packet. Returns whether it was the probe, whose loss does not indicate congestion.
    mutating func handleLost(_ sequence: UTPSequence) -> Bool {
        guard let trial, trial.sequence == sequence else { return false }
        self.trial = nil
        failures += 1
        if failures >= Self.tries {
            failures = 0
            hasFailed = true
            ceiling = trial.datagramBytes - 1
        }
        return true
    }
}

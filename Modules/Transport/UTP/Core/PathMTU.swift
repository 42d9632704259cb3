// SPDX-License-Identifier: Apache-2.0

/// How long a datagram may be, found by trying (BEP 29, "packet sizes").
///
/// A packet's bytes cannot be divided anew once it has a number. So a trial is a packet of proven length with padding: an
/// extension that nobody knows, which the BEP has everybody skip. If it is lost, the packet goes again without it.
struct PathMTU {
    /// The longest datagram that arrived.
    private(set) var proven: Int

    private var ceiling: Int
    private var trial: (datagramBytes: Int, sequence: UTPSequence)?
    private var failures = 0
    private var hasFailed = false

    /// A trial may be lost like any other packet: one more is made before a length counts as too long.
    private static let tries = 2
    /// A difference not worth a trial.
    private static let step = 16

    init(_ limits: UTPLimits) {
        proven = max(UTPHeader.byteCount + 1, min(limits.smallestDatagramBytes, limits.datagramBytes))
        ceiling = limits.datagramBytes
    }

    /// Bytes of payload in a full packet.
    var payloadBytes: Int { proven - UTPHeader.byteCount }

    /// How long the next full packet should be made; nil for as long as it is. The ceiling is tried first.
    var nextTrial: Int? {
        guard trial == nil, ceiling - proven >= Self.step else { return nil }
        return hasFailed ? (proven + ceiling + 1) / 2 : ceiling
    }

    mutating func handleTrial(_ datagramBytes: Int, _ sequence: UTPSequence) { trial = (datagramBytes, sequence) }

    /// A packet arrived that was sent once.
    mutating func handleAcknowledged(_ sequence: UTPSequence) {
        guard let trial, trial.sequence == sequence else { return }
        proven = trial.datagramBytes
        self.trial = nil
        failures = 0
    }

    /// A packet was lost. Returns whether it was the trial, which says nothing of congestion.
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

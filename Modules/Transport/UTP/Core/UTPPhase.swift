// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The phase of a connection's life.
///
/// ```
/// dial    connecting ──STATE──▶ open ──close──▶ closing ──all acknowledged, peer's FIN──▶ closed
/// accept  accepted ──our STATE acknowledged──▶ open
///         any ──RESET, timeout, misbehaviour, abort──▶ closed
/// ```
enum UTPPhase {
    case connecting(Connecting)
    case accepted(Accepted)
    case open
    case closing(Closing)
    case closed(Closed)

    /// Our SYN is under way.
    struct Connecting {
        let sequence: UTPSequence
        var tries = 0
        var isDue = true
        var sentAt = Instant.zero
        var timeoutAt: Instant
    }

    /// A SYN has arrived, and our answer is under way. The sender's address may be forged, so each SYN gets one answer.
    struct Accepted {
        let since: Instant
        var isDue = true
    }

    /// We send the rest and a FIN; what still arrives is dropped.
    struct Closing {
        /// When the peer had received everything.
        var finishedAt: Instant?
    }

    /// The connection has ended. The last acknowledgement may be lost, so a FIN is answered for a while.
    struct Closed {
        let until: Instant
        var isResetDue = false
    }
}

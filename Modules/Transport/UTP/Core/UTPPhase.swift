// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Where a connection is in its life.
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

    /// A SYN came, and our answer is under way. Its sender's address may be forged, so it gets one answer for each SYN.
    struct Accepted {
        let since: Instant
        var isDue = true
    }

    /// We send what is left and a FIN; what still comes is dropped.
    struct Closing {
        /// When the peer had everything.
        var finishedAt: Instant?
    }

    /// Over. The last acknowledgement may be lost, so a FIN is answered for a while.
    struct Closed {
        let until: Instant
        var isResetDue = false
    }
}

// SPDX-License-Identifier: Apache-2.0

package import RucheWire

extension UTPConnection {
    /// Sends what was written, then a FIN; what the peer still sends is dropped. A connection that is not open yet is
    /// aborted.
    package mutating func close(at now: Instant) {
        switch phase {
        case .open:
            phase = .closing(.init())
            sending.end()
            receiving.discard()
        case .connecting, .accepted: close(.aborted, at: now)
        case .closing, .closed: return
        }
    }

    /// Drops everything and informs the peer (RESET).
    package mutating func abort(at now: Instant) {
        switch phase {
        case .open, .closing: close(.aborted, at: now, isResetDue: true)
        case .connecting, .accepted: close(.aborted, at: now)
        case .closed: return
        }
    }

    mutating func close(_ reason: UTPCloseReason, at now: Instant, isResetDue: Bool = false) {
        let until = reason == .finished ? now + roundTrip.timeout(backoff: 1, limits) : now
        phase = .closed(.init(until: until, isResetDue: isResetDue))
        if reason != .finished { ack.settle() }
        events.append(.closed(reason))
    }

    /// Finishes once both sides have sent everything, or the peer takes too long.
    mutating func finishClosing(at now: Instant) {
        guard case .closing(var closing) = phase, sending.isFinished else { return }
        let finishedAt = closing.finishedAt ?? now
        closing.finishedAt = finishedAt
        phase = .closing(closing)
        guard receiving.hasEnded || finishedAt + limits.lingerTimeout <= now else { return }
        close(.finished, at: now)
    }
}

// SPDX-License-Identifier: Apache-2.0

package import RucheWire

extension UTPConnection {
    /// When to call `handleTimeout` next; nil for never. May be in the past.
    package var nextTimeout: Instant? {
        switch phase {
        case .connecting(let connecting): return connecting.timeoutAt
        case .accepted(let accepted): return accepted.since + limits.halfOpenTimeout
        case .open: return nextOpenTimeout
        case .closing(let closing):
            guard let finishedAt = closing.finishedAt else { return nextOpenTimeout }
            return min(nextOpenTimeout, finishedAt + limits.lingerTimeout)
        case .closed(let closed): return closed.until
        }
    }

    /// Handles what is due at `now`. Afterwards there may be datagrams and events.
    package mutating func handleTimeout(at now: Instant) {
        switch phase {
        case .connecting(var connecting):
            guard connecting.timeoutAt <= now else { return }
            guard connecting.tries < limits.connectTries else { return close(.timedOut, at: now) }
            connecting.isDue = true
            phase = .connecting(connecting)
        case .accepted(let accepted):
            if accepted.since + limits.halfOpenTimeout <= now { close(.timedOut, at: now) }
        case .open, .closing: handleOpenTimeout(at: now)
        case .closed: return
        }
    }

    private var nextOpenTimeout: Instant {
        var next = min(lastSentAt + limits.keepAlive, lastReceivedAt + limits.idleTimeout)
        if let deadline = ack.deadline { next = min(next, deadline) }
        if let resend = resendTimeout { next = min(next, resend) }
        if isWaitingForPace, let begin = pacer.nextBegin { next = min(next, begin) }
        return next
    }

    /// When the oldest packet, or a peer without room, has kept us waiting long enough.
    private var resendTimeout: Instant? {
        let isBlocked = sending.unsentByteCount > 0 && sending.inFlight == 0 && !mayProbeWindow
        guard !sending.isEmpty || isBlocked else { return nil }
        return timerBeganAt + roundTrip.timeout(backoff: backoff, limits)
    }

    private var isWaitingForPace: Bool {
        let room = window.byteCount - sending.inFlight
        if sending.lostCount > 0 { return room >= path.payloadBytes }
        let length = min(path.payloadBytes, sending.unsentByteCount)
        return length > 0 && min(window.byteCount, remoteWindow) - sending.inFlight >= length
    }

    private mutating func handleOpenTimeout(at now: Instant) {
        ack.handleTimeout(at: now)
        if lastSentAt + limits.keepAlive <= now { ack.demand() }
        if lastReceivedAt + limits.idleTimeout <= now { return close(.timedOut, at: now, isResetDue: true) }
        if let resend = resendTimeout, resend <= now { handleResendTimeout(at: now) }
        finishClosing(at: now)
    }

    private mutating func handleResendTimeout(at now: Instant) {
        backoff += 1
        timerBeganAt = now
        let isSilent = now - lastReceivedAt >= roundTrip.timeout(backoff: 2, limits)
        if backoff > limits.timeouts, isSilent { return close(.timedOut, at: now, isResetDue: true) }
        guard !sending.isEmpty else {
            mayProbeWindow = true
            return
        }
        sending.loseAll(&path)
        recovery = sending.next
        window.handleTimeout(packetBytes: path.payloadBytes)
    }
}

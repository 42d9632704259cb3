// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
package import RucheWire

extension UTPConnection {
    /// Handles a datagram that names this connection. Invalid ones are ignored.
    package mutating func handle(_ datagram: RawSpan, at now: Instant) {
        guard let packet = UTPPacket(parsing: datagram) else { return }
        handle(packet, of: datagram, at: now)
    }

    /// The same for a datagram that has been parsed.
    mutating func handle(_ packet: UTPPacket, of datagram: RawSpan, at now: Instant) {
        switch packet.header.kind {
        case .reset: return handleReset(packet.header, at: now)
        case .syn: return handleRepeatedSYN(packet.header)
        case .data, .fin, .state: break
        }
        switch phase {
        case .connecting(let connecting): handleAnswer(packet.header, connecting, at: now)
        case .accepted: confirm(packet, of: datagram, at: now)
        case .open, .closing: handleEstablished(packet, of: datagram, at: now)
        case .closed: if packet.header.kind == .fin { ack.demand() }
        }
    }

    /// Ends the datagrams of one read. Call it once per read, whatever they were.
    package mutating func handleBatchEnd(at now: Instant) {
        ack.handleBatchEnd(delay: limits.ackDelay, at: now)
        finishClosing(at: now)
    }

    /// Removes and returns the next event.
    mutating func nextEvent() -> UTPEvent? { events.next() }

    private mutating func handleAnswer(_ header: UTPHeader, _ connecting: UTPPhase.Connecting, at now: Instant) {
        guard header.kind == .state, header.acknowledged == connecting.sequence, connecting.tries > 0 else { return }
        // An answer has the number of the first data packet that follows: BEP 29's diagram says one less, but no
        // implementation does that.
        receiving = ReceiveQueue(expected: header.sequence, limits)
        if connecting.tries == 1 { roundTrip.handleSample(now - connecting.sentAt) }
        note(header, at: now)
        remoteWindow = Int(header.window)
        timerBeganAt = now
        phase = .open
        ack.demand()
        events.append(.connected)
    }

    /// A peer that acknowledges the random number of our answer has received that answer.
    private mutating func confirm(_ packet: UTPPacket, of datagram: RawSpan, at now: Instant) {
        guard packet.header.acknowledged == sending.first - 1 else { return }
        phase = .open
        timerBeganAt = now
        events.append(.connected)
        handleEstablished(packet, of: datagram, at: now)
    }

    private mutating func handleRepeatedSYN(_ header: UTPHeader) {
        guard case .accepted(var accepted) = phase, header.sequence == receiving.acknowledged else { return }
        accepted.isDue = true
        phase = .accepted(accepted)
    }

    /// A RESET names the packet that it answers. One that names none of ours is a guess.
    private mutating func handleReset(_ header: UTPHeader, at now: Instant) {
        let isKnown =
            switch phase {
            case .connecting(let connecting): header.acknowledged == connecting.sequence
            case .accepted, .open, .closing:
                (-1...sending.packetCount).contains(header.acknowledged.distance(from: sending.first))
            case .closed: false
            }
        if isKnown { close(.reset, at: now) }
    }

    private mutating func note(_ header: UTPHeader, at now: Instant) {
        lastReceivedAt = now
        timestampDifference = Self.microseconds(now) &- header.timestamp
        queueing.handleIncoming(timestampDifference, at: now)
    }

    private mutating func handleEstablished(_ packet: UTPPacket, of datagram: RawSpan, at now: Instant) {
        note(packet.header, at: now)
        guard handleAcks(packet, of: datagram, at: now) else { return }
        guard packet.header.kind != .state else { return }
        let outcome = datagram.withUnsafeBytes { bytes in
            receiving.handle(
                packet.header.sequence,
                UnsafeRawBufferPointer(rebasing: bytes[packet.payload]),
                isFIN: packet.header.kind == .fin
            )
        }
        let isUrgent = outcome != .inOrder || receiving.heldCount > 0 || packet.header.kind == .fin
        ack.handlePacket(isUrgent: isUrgent)
        if receiving.ready.readableBytes > 0 { events.append(.readable) }
        if outcome == .inOrder, receiving.hasEnded, isOpen { events.append(.ended) }
    }
}

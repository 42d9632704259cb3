// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

extension UTPConnection {
    /// Appends the next datagram to send to `buffer` and returns its length; nil if there is none now.
    package mutating func nextDatagram(into buffer: inout ByteBuffer, at now: Instant) -> Int? {
        let start = buffer.writerIndex
        guard writeNext(into: &buffer, at: now) else { return nil }
        lastSentAt = now
        return buffer.writerIndex - start
    }

    private mutating func writeNext(into buffer: inout ByteBuffer, at now: Instant) -> Bool {
        switch phase {
        case .connecting(let connecting): return writeSYN(connecting, into: &buffer, at: now)
        case .accepted(var accepted):
            guard accepted.isDue else { return false }
            accepted.isDue = false
            phase = .accepted(accepted)
            writeState(into: &buffer, at: now)
            return true
        case .open, .closing:
            if writeStream(into: &buffer, at: now) { return true }
            guard ack.isDue else { return false }
            writeState(into: &buffer, at: now)
            return true
        case .closed(var closed):
            if closed.isResetDue {
                closed.isResetDue = false
                phase = .closed(closed)
                makeHeader(.reset, sending.next, at: now).write(into: &buffer)
                return true
            }
            guard ack.isDue else { return false }
            writeState(into: &buffer, at: now)
            return true
        }
    }

    private mutating func writeSYN(
        _ connecting: UTPPhase.Connecting,
        into buffer: inout ByteBuffer,
        at now: Instant
    ) -> Bool {
        guard connecting.isDue else { return false }
        var connecting = connecting
        connecting.isDue = false
        connecting.sentAt = now
        connecting.timeoutAt = now + limits.connectTimeout * Int64(1 << min(connecting.tries, 5))
        connecting.tries += 1
        phase = .connecting(connecting)
        var header = makeHeader(.syn, connecting.sequence, at: now)
        header.connectionID = receiveID
        header.acknowledged = UTPSequence(0)
        header.write(into: &buffer)
        return true
    }

    /// Writes what was lost, then what is new, then the FIN.
    private mutating func writeStream(into buffer: inout ByteBuffer, at now: Instant) -> Bool {
        guard sending.lostCount > 0 || sending.unsentByteCount > 0 || sending.isFINDue else { return false }
        pacer.update(window, roundTrip, packetBytes: path.payloadBytes, at: now)
        guard pacer.mayBegin || sending.inFlight == 0 else { return false }
        if sending.lostCount > 0 { return writeLost(into: &buffer, at: now) }
        guard let length = nextLength else { return false }
        mayProbeWindow = false
        startTimer(at: now)
        if shouldWithhold(length) {
            _ = sending.pack(length, isWithheld: true, at: now)
            scheduleProbe()
            return writeStream(into: &buffer, at: now)
        }
        let sequence = sending.pack(length, at: now)
        packetsUntilProbe -= 1
        var padding = 0
        if length == path.payloadBytes, let trial = path.nextTrial {
            padding = trial - path.proven
            path.handleTrial(trial, sequence)
        }
        write(sequence, padding: padding, into: &buffer, at: now)
        return true
    }

    private mutating func writeLost(into buffer: inout ByteBuffer, at now: Instant) -> Bool {
        guard sending.inFlight == 0 || sending.inFlight + path.payloadBytes <= window.byteCount else { return false }
        startTimer(at: now)
        guard let sequence = sending.nextLost(at: now) else { return false }
        write(sequence, padding: 0, into: &buffer, at: now)
        return true
    }

    /// Payload of the next new packet, 0 for a FIN; nil if the windows have no room.
    private var nextLength: Int? {
        guard sending.packetCount < limits.sendPackets else { return nil }
        let length = min(path.payloadBytes, sending.unsentByteCount)
        if length == 0 { return sending.isFINDue ? 0 : nil }
        if mayProbeWindow, sending.inFlight == 0 { return length }
        guard sending.inFlight + length <= min(window.byteCount, remoteWindow) else { return nil }
        return length
    }

    /// Whether to withhold a packet. It is one among many, so that later ones soon show whether the peer is honest.
    private func shouldWithhold(_ length: Int) -> Bool {
        let few = 8 * path.payloadBytes
        return packetsUntilProbe <= 0 && length == path.payloadBytes && sending.withheld == nil
            && sending.unsentByteCount > few && path.nextTrial == nil
            && sending.inFlight + few <= min(window.byteCount, remoteWindow)
    }

    private mutating func startTimer(at now: Instant) {
        if sending.isEmpty { timerBeganAt = now }
    }

    private mutating func write(
        _ sequence: UTPSequence,
        padding: Int,
        into buffer: inout ByteBuffer,
        at now: Instant
    ) {
        let slot = sending[sequence]
        let header = makeHeader(slot.isFIN ? .fin : .data, sequence, at: now)
        let isPadded = padding > 1
        header.write(into: &buffer, firstExtension: isPadded ? UTPExtension.padding : 0)
        if isPadded { Self.writePadding(padding, into: &buffer) }
        sending.bytes.write(from: slot.offset, Int(slot.length), into: &buffer)
        pacer.handleSent(Int(slot.length) + UTPHeader.byteCount)
        // A data packet has no room for a selective ack.
        if receiving.selectiveAckByteCount == 0 { ack.settle() }
    }

    /// Writes extensions of `byteCount` bytes in total, at least 2.
    private static func writePadding(_ byteCount: Int, into buffer: inout ByteBuffer) {
        var left = byteCount
        while left > 0 {
            // One byte cannot be an extension, so leave none or at least two.
            let length = min(255, left == 258 ? 254 : left - 2)
            left -= length + 2
            buffer.writeMultipleIntegers(left > 0 ? UTPExtension.padding : 0, UInt8(length))
            buffer.writeRepeatingByte(0, count: length)
        }
    }

    private mutating func writeState(into buffer: inout ByteBuffer, at now: Instant) {
        let hasGap = receiving.selectiveAckByteCount > 0
        makeHeader(.state, sending.next, at: now)
            .write(into: &buffer, firstExtension: hasGap ? UTPExtension.selectiveAck : 0)
        if hasGap { receiving.writeSelectiveAck(into: &buffer) }
        ack.settle()
    }

    private mutating func makeHeader(_ kind: UTPHeader.Kind, _ sequence: UTPSequence, at now: Instant) -> UTPHeader {
        var header = UTPHeader(
            kind,
            connectionID: sendID,
            sequence: sequence,
            acknowledged: receiving.acknowledged
        )
        header.timestamp = Self.microseconds(now)
        header.timestampDifference = timestampDifference
        advertised = receiving.window
        header.window = UInt32(clamping: advertised)
        return header
    }
}

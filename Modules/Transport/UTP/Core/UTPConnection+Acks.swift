// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

extension UTPConnection {
    /// Handles the peer's acknowledgements. Returns false if the packet must be ignored.
    mutating func handleAcks(_ packet: UTPPacket, of datagram: RawSpan, at now: Instant) -> Bool {
        let header = packet.header
        let inFlight = sending.inFlight
        let isRepeated =
            header.kind == .state && packet.selectiveAck.isEmpty && !sending.isEmpty
            && header.acknowledged == sending.first - 1
        var result = sending.handle(
            acknowledged: header.acknowledged,
            selectiveAck: packet.selectiveAck,
            of: datagram,
            &path
        )
        guard !judge(result, at: now) else { return false }
        if header.acknowledged.distance(from: sending.first - 1) >= 0 { remoteWindow = Int(header.window) }
        if let began = result.roundTripBegan { roundTrip.handleSample(now - began) }
        if result.packetCount > 0, header.timestampDifference != 0 {
            queueing.handleReport(header.timestampDifference, roundTrip, at: now)
        }
        if result.packetCount > 0 { sending.findLost(threshold: reorderThreshold, &result, &path) }
        duplicateAcks = isRepeated ? duplicateAcks + 1 : 0
        if duplicateAcks == 3 { sending.loseFirst(&result, &path) }
        adjustWindow(result, inFlight: inFlight, at: now)
        return true
    }

    /// Whether the packet must be ignored, because it acknowledges packets that were never sent.
    private mutating func judge(_ result: SendQueue.Acknowledged, at now: Instant) -> Bool {
        if result.isBogus { bogusAckCount += 1 }
        guard result.isCheat || bogusAckCount >= limits.bogusAcks else { return result.isBogus }
        close(.misbehaved, at: now, isResetDue: true)
        return true
    }

    private mutating func adjustWindow(_ result: SendQueue.Acknowledged, inFlight: Int, at now: Instant) {
        loss.handle(acknowledged: result.packetCount, lost: result.lostCount)
        if result.packetCount > 0 {
            backoff = 0
            timerBeganAt = now
            window.handleAcknowledged(
                result.byteCount,
                inFlight: inFlight,
                queueing: queueing.current,
                packetBytes: path.payloadBytes
            )
        }
        if let recovery, sending.first.distance(from: recovery) >= 0 { self.recovery = nil }
        guard let lost = result.newestLost, recovery.map({ lost.distance(from: $0) >= 0 }) ?? true else { return }
        window.handleLoss(queueing, isLossLow: loss.isLow, packetBytes: path.payloadBytes)
        recovery = sending.next
    }
}

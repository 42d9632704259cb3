// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

extension SendQueue {
    /// The effect of an acknowledgement.
    struct Acknowledged {
        var byteCount = 0
        var packetCount = 0
        /// Packets found lost, without path MTU probes.
        var lostCount = 0
        /// The newest lost packet.
        var newestLost: UTPSequence?
        /// When the round trip of a packet that was sent once began (Karn's rule).
        var roundTripBegan: Instant?
        var newestOrder: UInt64 = 0
        /// The highest packet number that the peer acknowledged.
        var furthest: UTPSequence?
        /// Whether the peer acknowledged a packet that was never sent.
        var isBogus = false
        /// Whether the peer acknowledged a packet that we withheld.
        var isCheat = false
    }

    /// Handles the `ack_nr` and selective ack of a packet (BEP 29, "Selective ACK", "packet loss").
    mutating func handle(
        acknowledged: UTPSequence,
        selectiveAck bits: Range<Int>,
        of datagram: RawSpan,
        _ path: inout PathMTU
    ) -> Acknowledged {
        var result = Acknowledged()
        let distance = acknowledged.distance(from: first)
        guard distance < packetCount else {
            result.isBogus = true
            return result
        }
        if let withheld, acknowledged.distance(from: withheld) >= 0, distance >= 0 {
            result.isCheat = true
            return result
        }
        if distance >= 0 {
            for _ in 0...distance {
                note(first, &result, &path)
                removeFirst()
            }
        }
        handleSelective(acknowledged, bits, of: datagram, &result, &path)
        newestOrder = max(newestOrder, result.newestOrder)
        return result
    }

    private mutating func handleSelective(
        _ acknowledged: UTPSequence,
        _ bits: Range<Int>,
        of datagram: RawSpan,
        _ result: inout Acknowledged,
        _ path: inout PathMTU
    ) {
        for (index, offset) in bits.enumerated() {
            var byte = datagram.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            while byte != 0 {
                let sequence = acknowledged + 2 + index * 8 + byte.trailingZeroBitCount
                byte &= byte &- 1
                if sequence.distance(from: next) >= 0 { result.isBogus = true }
                guard contains(sequence) else { continue }
                if self[sequence].state == .withheld { result.isCheat = true }
                note(sequence, &result, &path)
            }
        }
    }

    /// Records that the packet has arrived.
    private mutating func note(_ sequence: UTPSequence, _ result: inout Acknowledged, _ path: inout PathMTU) {
        let slot = self[sequence]
        guard slot.state != .acknowledged else { return }
        setState(of: sequence, .acknowledged)
        result.furthest = sequence
        result.byteCount += Int(slot.length)
        result.packetCount += 1
        result.newestOrder = max(result.newestOrder, slot.order)
        guard slot.transmissions == 1 else { return }
        path.handleAcknowledged(sequence)
        result.roundTripBegan = max(slot.sentAt, result.roundTripBegan ?? slot.sentAt)
    }

    /// Finds lost packets: those sent at least `threshold` transmissions before the newest one that arrived. Packets
    /// after the furthest acknowledged one are not judged, because they may lie beyond the selective ack's 2,016 bits.
    mutating func findLost(threshold: Int, _ result: inout Acknowledged, _ path: inout PathMTU) {
        guard newestOrder > UInt64(threshold), let furthest = result.furthest else { return }
        let latest = newestOrder - UInt64(threshold)
        var sequence = first
        while furthest.distance(from: sequence) > 0 {
            let slot = self[sequence]
            if slot.state == .withheld, slot.order < newestOrder {
                setState(of: sequence, .lost)
            } else if slot.state == .sent, slot.order <= latest {
                markLost(sequence, &result, &path)
            }
            sequence += 1
        }
    }

    /// Counts the oldest packet as lost, because three consecutive acknowledgements said nothing new (BEP 29, "packet
    /// loss").
    mutating func loseFirst(_ result: inout Acknowledged, _ path: inout PathMTU) {
        guard !isEmpty, self[first].state == .sent else { return }
        markLost(first, &result, &path)
    }

    /// Counts everything under way as lost, because nothing was acknowledged for too long.
    mutating func loseAll(_ path: inout PathMTU) {
        var sequence = first
        while next.distance(from: sequence) > 0 {
            if self[sequence].state == .sent || self[sequence].state == .withheld {
                _ = path.handleLost(sequence)
                setState(of: sequence, .lost)
            }
            sequence += 1
        }
    }

    private mutating func markLost(
        _ sequence: UTPSequence,
        _ result: inout Acknowledged,
        _ path: inout PathMTU
    ) {
        setState(of: sequence, .lost)
        guard !path.handleLost(sequence) else { return }
        result.lostCount += 1
        result.newestLost = sequence
    }
}

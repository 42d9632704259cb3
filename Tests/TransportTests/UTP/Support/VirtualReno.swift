// SPDX-License-Identifier: Apache-2.0

import RucheWire

/// The sender of a TCP-like flow (Reno with selective acks) that always has data to send. Its receiver acknowledges
/// each packet.
struct VirtualReno {
    static let packetBytes = 1448

    private(set) var delivered = 0
    private var window = 10.0
    private var threshold = Double.infinity
    private var next = 0
    private var inFlight: [Int: Instant] = [:]
    private var recovery = 0

    mutating func nextPacket(at now: Instant) -> Int? {
        guard Double(inFlight.count) < window else { return nil }
        defer { next += 1 }
        inFlight[next] = now
        return next
    }

    mutating func handleAck(of packet: Int) {
        guard inFlight.removeValue(forKey: packet) != nil else { return }
        delivered += 1
        window += window < threshold ? 1 : 1 / window
        let lost = inFlight.keys.filter { $0 + 3 <= packet }
        guard !lost.isEmpty else { return }
        for each in lost { inFlight[each] = nil }
        guard lost.contains(where: { $0 >= recovery }) else { return }
        window = max(2, window / 2)
        threshold = window
        recovery = next
    }

    /// Handles the loss of everything.
    mutating func handleTimeout(at now: Instant) {
        guard let oldest = inFlight.values.min(), now - oldest > .seconds(1 as Int) else { return }
        inFlight = [:]
        threshold = max(2, window / 2)
        window = 1
        recovery = next
    }
}

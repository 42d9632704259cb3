// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The earliest time at which any schedule could have all sharers complete, if bytes were a fluid, every peer sent all
/// the time, and nothing were sent redundantly (Kumar and Ross, "Peer-assisted file distribution: the minimum
/// distribution time", 2006).
///
/// The maximum of three times: when the seed has sent everything once; when the last sharer to join has received
/// everything; and when all uplinks present, the seed's included, have sent as much as all sharers must receive. If all
/// join at once, this is max(F/s, F/d, N·F/(s + Σu)).
struct FluidBound {
    let seconds: Double

    init(_ crowd: Crowd, joins: [(peer: VirtualPeer, joinsAt: Instant)]) {
        let bytes = Double(crowd.byteCount)
        let seedRate = Double(crowd.seed.uplinkBytesPerSecond)
        let sharers = joins.filter { $0.peer.conduct == .honest }.sorted { $0.joinsAt < $1.joinsAt }
        let reception = sharers.map {
            ($0.joinsAt - .zero).seconds + bytes / Double($0.peer.host.capacity.downlinkBytesPerSecond)
        }
        var sent = 0.0
        var rate = seedRate
        var time = 0.0
        for sharer in sharers {
            let next = (sharer.joinsAt - .zero).seconds
            sent += rate * (next - time)
            time = next
            rate += Double(sharer.peer.host.capacity.uplinkBytesPerSecond)
        }
        let transmission = time + max(0, bytes * Double(sharers.count) - sent) / rate
        seconds = max(bytes / seedRate, reception.max() ?? 0, transmission)
    }
}

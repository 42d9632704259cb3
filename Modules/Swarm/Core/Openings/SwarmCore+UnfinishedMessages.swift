// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Peers that send a message byte by byte: they hold a place, and perhaps a block that others could bring.
extension SwarmCore {
    /// What a peer sent last ends in the middle of a message, which began at `since`, or with the end of one (nil).
    package mutating func handleUnfinished(since: Instant?, from slot: PeerSlot) {
        peers[slot]?.unfinishedSince = since
    }

    /// Whether a peer takes too long over one message.
    func dribbles(_ peer: ConnectedPeer, at now: Instant) -> Bool {
        peer.unfinishedSince.map { now - $0 > SwarmTiming.message } ?? false
    }

    /// Names a peer that leaves in the middle of a long message: it may have held us up until others brought what it owed.
    func nameDribbler(_ peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard let since = peer.unfinishedSince, batch.now - since > SwarmTiming.slowMessage else { return }
        batch.add(.dribbled(peer.endpoint))
    }
}

// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheWire

/// An extension that reports what happens to it, answers messages that begin with a question mark, and does what it is
/// told.
struct Parrot: PeerExtension {
    enum Command: Sendable {
        case sayToAll([UInt8])
        case say([UInt8], to: PeerHandle, times: Int = 1)
        case find(PeerEndpoint, by: PeerHandle)
        case wake(after: Interval)
    }

    enum Report: Hashable, Sendable {
        case joined(PeerHandle, PeerEndpoint)
        /// `count`: messages from this peer so far.
        case heard([UInt8], from: PeerHandle, count: Int)
        case hasRoom(PeerHandle)
        case left(PeerHandle, count: Int)
        case refused(PeerHandle)
        case woken(neighbours: Int)
    }

    struct PeerState {
        var heardCount = 0
    }

    static let name: ExtensionName = "rt_parrot"
    static let limits = {
        var limits = ExtensionLimits()
        limits.messageByteCount = 1_000
        limits.receivedBytesPerSecond = 1_000
        limits.receivedBurstByteCount = 5_000
        limits.sentBytesPerSecond = 1_000
        limits.queuedByteCount = 4_000
        return limits
    }()

    init(in batch: inout ExtensionBatch<Self>) {}

    func makeState(for peer: PeerFacts) -> PeerState { PeerState() }

    func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        switch event {
        case .joined: if let facts = batch.facts(of: peer) { batch.report(.joined(peer, facts.endpoint)) }
        case .hasRoom: batch.report(.hasRoom(peer))
        case .left: batch.report(.left(peer, count: batch[peer]?.heardCount ?? -1))
        case .message(let bytes):
            batch[peer]?.heardCount += 1
            batch.report(.heard(bytes, from: peer, count: batch[peer]?.heardCount ?? -1))
            if bytes.first == UInt8(ascii: "?") { batch.send([UInt8(ascii: "!")] + bytes.dropFirst(), to: peer) }
            if bytes.first == UInt8(ascii: "x") { batch.misbehaved(peer) }
        }
    }

    func handle(_ command: Command, in batch: inout ExtensionBatch<Self>) {
        switch command {
        case .sayToAll(let bytes): for peer in batch.peers { batch.send(bytes, to: peer) }
        case .say(let bytes, let peer, let times):
            for _ in 0..<times where !batch.send(bytes, to: peer) { batch.report(.refused(peer)) }
        case .find(let endpoint, let peer): batch.found([FoundPeer(endpoint)], by: peer)
        case .wake(let delay): batch.wake(at: batch.now + delay)
        }
    }

    func handleTimer(in batch: inout ExtensionBatch<Self>) {
        batch.report(.woken(neighbours: batch.neighbours.count))
    }
}

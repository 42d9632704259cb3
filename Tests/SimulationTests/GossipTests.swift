// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting
import RucheWire
import Testing

/// Lines of text that each peer passes on once to all others.
private struct Gossip: PeerExtension {
    typealias Report = [UInt8]

    static let name: ExtensionName = "rt_gossip"
    static let limits = {
        var limits = ExtensionLimits()
        limits.messageByteCount = 100
        limits.receivedBytesPerSecond = 4 << 10
        limits.receivedBurstByteCount = 16 << 10
        limits.sentBytesPerSecond = 4 << 10
        return limits
    }()

    private var known: [[UInt8]] = []

    init(in batch: inout ExtensionBatch<Self>) {}

    mutating func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        switch event {
        // A peer that joins late misses nothing.
        case .joined, .hasRoom: for line in known { batch.send(line, to: peer) }
        case .message(let line):
            guard String(validating: line, as: UTF8.self) != nil else { return batch.misbehaved(peer) }
            pass(line, in: &batch)
        case .left: break
        }
    }

    mutating func handle(_ line: [UInt8], in batch: inout ExtensionBatch<Self>) { pass(line, in: &batch) }

    private mutating func pass(_ line: [UInt8], in batch: inout ExtensionBatch<Self>) {
        guard !known.contains(line) else { return }
        known.append(line)
        batch.report(line)
        for peer in batch.peers { batch.send(line, to: peer) }
    }
}

/// Uses the name of `Gossip`, and never sends anything.
private struct Silence: PeerExtension {
    static let name = Gossip.name

    init(in batch: inout ExtensionBatch<Self>) {}

    func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {}
}

@Suite struct GossipTests {
    private final class Run {
        let swarm: VirtualSwarm
        let honest: [VirtualPeer]
        let flooders: [VirtualPeer]
        var heard: [String: Set<[UInt8]>] = [:]

        /// Creates twelve peers that talk, and hostile ones if `isAttacked`.
        init(seed: UInt64, isAttacked: Bool) throws {
            swarm = VirtualSwarm(try Scenario.torrent(), seed: seed)
            honest = swarm.start(1, .seed) + swarm.start(11)
            let silent = isAttacked ? swarm.start(2) : []
            for peer in silent { peer.extend(with: Silence.self) }
            flooders = isAttacked ? swarm.start(2) : []
            for peer in flooders { peer.extend(with: Silence.self) }
            for peer in honest {
                peer.extend(with: Gossip.self) { [unowned self] line in heard[peer.name, default: []].insert(line) }
            }
            swarm.run(for: .seconds(Int64(5)))
            for second in 0..<60 {
                swarm.run(for: .seconds(Int64(1)))
                honest[second % honest.count].send(Array("line \(second)".utf8), to: Gossip.self)
                for peer in flooders {
                    for _ in 0..<100 { peer.sendRaw(Array("spam".utf8), as: Gossip.name) }
                }
            }
            swarm.run(for: .seconds(Int64(20)))
        }

        /// The number of peers that know every line from honest peers.
        var informedCount: Int {
            let lines = Set((0..<60).map { Array("line \($0)".utf8) })
            return honest.count { lines.isSubset(of: heard[$0.name] ?? []) }
        }
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `Every message reaches all peers, though some are silent and some flood`(seed: UInt64) throws {
        let run = try Run(seed: seed, isAttacked: true)
        #expect(run.informedCount == 12, "\(replayLine(seed))")
        let blamed = run.honest.flatMap { $0.offences.filter { $0.value["floodOfExtension"] != nil }.keys }
        #expect(Set(blamed).isSubset(of: run.flooders.map(\.host.address)))
        #expect(run.honest.allSatisfy { ($0.disconnects["floodOfExtension"] ?? 0) > 0 })
        #expect(run.honest.areCompleteAndRight)
    }

    @Test func `No honest peer is blamed, and the same seed gives the same run`() throws {
        let first = try Run(seed: 7, isAttacked: false)
        #expect(first.informedCount == 12)
        #expect(first.honest.allSatisfy { $0.misbehaviours["floodOfExtension"] == nil })
        #expect(try Run(seed: 7, isAttacked: false).swarm.network.trace == first.swarm.network.trace)
        #expect(try Run(seed: 8, isAttacked: false).swarm.network.trace != first.swarm.network.trace)
    }
}

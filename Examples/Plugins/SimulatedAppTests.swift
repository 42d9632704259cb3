// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting
import Testing

/// A test of an app on virtual time: a line from one user reaches all others, although peers crash and connections
/// break. The seed determines everything, so a failure can be repeated.
@Suite("A simulated test of an app", .timeLimit(.minutes(2)))
struct SimulatedAppTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func everybodyHearsTheNews(seed: UInt64) throws {
        let torrent = try VirtualTorrent(.v2, pieceLength: 32_768, fileSizes: [1 << 20], seed: seed)
        let swarm = VirtualSwarm(torrent, seed: seed)
        swarm.network.conditions.cutsPerMinute = 0.5
        var heard: Set<String> = []
        for number in 0..<12 {
            let peer = swarm.add(number == 0 ? .seed : .leecher)
            peer.extend(with: Gossip.self) { [unowned peer] line in if line == "news" { heard.insert(peer.name) } }
            peer.start()
        }
        swarm.run(for: .seconds(20 as Int))
        swarm.peers[5].crash()
        swarm.peers[0].send("news", to: Gossip.self)
        swarm.run(for: .seconds(5 as Int))
        swarm.peers[5].restart()
        let all = Set(swarm.peers.map(\.name))
        #expect(swarm.run(for: .minutes(10)) { heard == all && swarm.peers.allSatisfy(\.isComplete) })
    }
}

/// Passes on what it receives to peers that do not know it yet: the app under test.
private struct Gossip: PeerExtension {
    typealias Report = String

    static let name: ExtensionName = "xy_gossip"
    private static let longestLine = 200

    private var lines: [[UInt8]] = []

    init(in batch: inout ExtensionBatch<Self>) {}

    mutating func handle(_ event: PeerEvent, from peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        switch event {
        case .joined, .hasRoom: for line in lines { batch.send(line, to: peer) }
        case .message(let line): note(line, in: &batch)
        case .left: break
        }
    }

    mutating func handle(_ line: String, in batch: inout ExtensionBatch<Self>) { note(Array(line.utf8), in: &batch) }

    private mutating func note(_ line: [UInt8], in batch: inout ExtensionBatch<Self>) {
        guard line.count <= Self.longestLine, lines.count < 100, !lines.contains(line) else { return }
        lines.append(line)
        batch.report(String(decoding: line, as: UTF8.self))
        for peer in batch.peers { batch.send(line, to: peer) }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheSwarm
internal import RucheWire

/// Workloads of scheduling, by the size of the torrent and of the swarm.
public enum PickingWorkloads {
    /// The sizes of torrents, in pieces.
    public static let pieceCounts = [1_000, 10_000, 100_000, 1_000_000]
    /// The sizes of swarms, in peers.
    public static let peerCounts = [10, 100, 1_000]
    private static let callCount = 1_000

    /// All workloads, except for pairs that would need too much memory, such as a thousand bitfields of a million bits.
    public static func all(pieceCounts: [Int] = pieceCounts, peerCounts: [Int] = peerCounts) -> [Workload] {
        var workloads: [Workload] = []
        for pieces in pieceCounts {
            for peers in peerCounts { workloads += usual(pieces, peers) }
        }
        return workloads + hardest(pieceCounts.contains(100_000) ? 100_000 : pieceCounts.max() ?? 0)
            + chokeRounds(peerCounts)
    }

    private static func usual(_ pieces: Int, _ peers: Int) -> [Workload] {
        [
            rounds("pick", pieces, peers) { $0.pick(calls: callCount, batch: 1, $1) },
            rounds("pick that begins a piece", pieces, peers, calls: beginCount(pieces), blocksPerPiece: 1) {
                $0.pick(calls: beginCount(pieces), batch: 1, $1)
            },
            rounds("pick in batches of 16, a block", pieces, peers, calls: beginCount(pieces) / 16 * 16) {
                $0.pick(calls: beginCount(pieces) / 16, batch: 16, $1)
            },
            rounds("block received", pieces, peers) { $0.receive(calls: callCount, $1) },
            rounds("have", pieces, peers) { $0.announce(calls: callCount, $1) },
            bitfield(pieces, peers),
        ]
    }

    /// States in which a pick has the most to search.
    private static func hardest(_ pieces: Int) -> [Workload] {
        let peers = 100
        return [
            rounds("pick, sparse peers", pieces, peers, phase: .sparse) { $0.pick(calls: callCount, batch: 1, $1) },
            rounds("pick that begins a piece, sparse peers", pieces, peers, blocksPerPiece: 1, phase: .sparse) {
                $0.pick(calls: callCount, batch: 1, $1)
            },
            rounds("pick, 99% here", pieces, peers, calls: callCount, phase: .late) {
                $0.pick(calls: callCount, batch: 1, $1)
            },
            rounds("pick that begins a piece, 99% here", pieces, peers, calls: 500, blocksPerPiece: 1, phase: .late) {
                $0.pick(calls: 500, batch: 1, $1)
            },
            rounds("pick of a whole piece, 900 begun that the peer lacks", pieces, peers, calls: 100, phase: .crowded) {
                $0.pick(calls: 100, batch: 16, $1)
            },
            endgame(peers),
        ]
    }

    private static func beginCount(_ pieces: Int) -> Int { min(callCount, pieces / 4) }

    private static func rounds(
        _ name: String,
        _ pieces: Int,
        _ peers: Int,
        calls: Int = callCount,
        blocksPerPiece: Int = 16,
        phase: SwarmScene.Phase = .usual,
        _ body: @escaping @Sendable (inout SwarmScene, any Stopwatch) -> Void
    ) -> Workload {
        Workload("\(name), \(pieces) pieces, \(peers) peers", operationCount: calls) {
            var scene = SwarmScene(pieceCount: pieces, peerCount: peers, blocksPerPiece: blocksPerPiece, phase: phase)
            return { body(&scene, $0) }
        }
    }

    private static func bitfield(_ pieces: Int, _ peers: Int) -> Workload {
        Workload("bitfield, \(pieces) pieces, \(peers) peers", operationCount: 1, byteCount: (pieces + 7) / 8) {
            var scene = SwarmScene(pieceCount: pieces, peerCount: peers)
            let bytes = SwarmScene.bits(pieces, density: 0.5, &scene.random).wireBytes
            return { scene.join(with: bytes, $0) }
        }
    }

    private static func endgame(_ peers: Int) -> Workload {
        Workload("pick in endgame, 100 pieces, \(peers) peers", operationCount: callCount) {
            var scene = SwarmScene(pieceCount: 100, peerCount: peers)
            scene.askForAll()
            return { scene.askTwice(calls: callCount, $0) }
        }
    }
}

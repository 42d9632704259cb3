// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheSwarm
import RucheTesting
import RucheWire

/// Two hundred peers of many kinds on a bad network, all of it drawn from one seed.
///
/// A tenth are poisoners. Connections break, honest peers crash and return, some join late, some start from a magnet
/// link.
struct LargeSwarm {
    static let peerCount = 200
    static let poisonerCount = 20
    static let seedCount = 4
    /// The virtual time after which a peer that is not complete has failed.
    static let patience = Interval.minutes(60)

    let swarm: VirtualSwarm
    let format: TorrentFormat
    private var random: SeededRandom

    init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        format = [.v1, .v2, .hybrid][Int(seed % 3)]
        let torrent = try Self.makeTorrent(format, &random)
        var conditions = NetworkConditions()
        conditions.cutsPerMinute = 0.05
        conditions.dialFailures = 0.02
        swarm = VirtualSwarm(torrent, seed: seed, conditions: conditions)
        swarm.limits.peersPerTorrent = 30
        populate()
        plantChurn()
    }

    /// Runs until every honest peer is complete, and a little longer. Returns whether they are.
    func run() -> Bool {
        let honest = swarm.honestPeers
        let isDone = swarm.run(for: Self.patience) { honest.allSatisfy { $0.isComplete } }
        return isDone
    }

    // MARK: - Making

    private static func makeTorrent(
        _ format: TorrentFormat,
        _ random: inout SeededRandom
    ) throws -> VirtualTorrent {
        let pieceLength = [16_384, 32_768][Int.random(in: 0..<2, using: &random)]
        let pieceCount = Int.random(in: 48...80, using: &random)
        let bytes = pieceCount * 24_576
        let first = Int.random(in: 1..<bytes, using: &random)
        let isSingle = Bool.random(using: &random)
        return try VirtualTorrent(
            format,
            pieceLength: pieceLength,
            fileSizes: isSingle ? [bytes] : [first, bytes - first, Int.random(in: 0...40_000, using: &random)],
            seed: random.next()
        )
    }

    private mutating func populate() {
        for index in 0..<Self.peerCount {
            let capacity = LinkCapacity(
                uplinkBytesPerSecond: Int.random(in: 8...64, using: &random) << 10,
                downlinkBytesPerSecond: 1 << 20
            )
            switch index {
            case 0..<Self.seedCount: swarm.add(.seed, capacity: capacity).start()
            case Self.seedCount..<Self.seedCount + Self.poisonerCount:
                let share = Double.random(in: 0.2...1, using: &random)
                startLater(swarm.add(.leecher, .poisoner(share: share), capacity: capacity))
            default:
                let peer = swarm.add(nextRole(), capacity: capacity)
                peer.host.isReachable = Int.random(in: 0..<4, using: &random) > 0
                startLater(peer)
            }
        }
    }

    /// A third start from a magnet link; for a hybrid, with either hash or both.
    private mutating func nextRole() -> PeerRole {
        guard Int.random(in: 0..<3, using: &random) == 0 else { return .leecher }
        let all = swarm.torrent.info.hashes
        let choices = [all, InfoHashes(v1: all.v1, v2: nil) ?? all, InfoHashes(v1: nil, v2: all.v2) ?? all]
        return .magnet(choices[Int.random(in: 0..<3, using: &random)])
    }

    private mutating func startLater(_ peer: VirtualPeer) {
        let delay = Interval.milliseconds(Int.random(in: 0...40_000, using: &random))
        swarm.network.schedule(after: delay) { peer.start() }
    }

    /// Forty crashes over the first three minutes, each followed by a return.
    private mutating func plantChurn() {
        for _ in 0..<40 {
            let index = Int.random(in: Self.seedCount + Self.poisonerCount..<Self.peerCount, using: &random)
            let peer = swarm.peers[index]
            let crash = Interval.milliseconds(Int.random(in: 5_000...180_000, using: &random))
            let absence = Interval.milliseconds(Int.random(in: 1_000...30_000, using: &random))
            let network = swarm.network
            network.schedule(after: crash) { [unowned network] in
                guard peer.isRunning else { return }
                peer.crash()
                network.schedule(after: absence) { peer.restart() }
            }
        }
    }
}

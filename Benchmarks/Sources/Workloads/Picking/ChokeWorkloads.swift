// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheSwarm
internal import RucheWire

extension PickingWorkloads {
    /// A choke round over all peers, while downloading and while seeding.
    static func chokeRounds(_ peerCounts: [Int]) -> [Workload] {
        peerCounts.flatMap { peers in
            [
                chokeRound("choke round", peers, isSeed: false),
                chokeRound("choke round of a seed", peers, isSeed: true),
            ]
        }
    }

    private static func chokeRound(_ name: String, _ peers: Int, isSeed: Bool) -> Workload {
        Workload("\(name), \(peers) peers", operationCount: 1) {
            var random = SeededRandom(seed: UInt64(peers))
            var candidates = makeCandidates(peers, &random)
            var choker = Choker()
            var now = Instant.zero + .seconds(1_000)
            var decisions = ChokeDecisions()
            return { stopwatch in
                now = now + .seconds(10)
                decisions.choke.removeAll(keepingCapacity: true)
                decisions.unchoke.removeAll(keepingCapacity: true)
                stopwatch.start()
                choker.handle(.round, candidates, isSeed: isSeed, at: now, using: &random, into: &decisions)
                stopwatch.stop()
                for slot in decisions.choke { candidates[slot.int].isUnchoked = false }
                for slot in decisions.unchoke {
                    candidates[slot.int].isUnchoked = true
                    candidates[slot.int].unchokedAt = now
                }
                let lucky = Int.random(in: 0..<peers, using: &random)
                candidates[lucky].downloadBytesPerSecond = Double.random(in: 0..<1e6, using: &random)
            }
        }
    }

    private static func makeCandidates(_ count: Int, _ random: inout SeededRandom) -> [UnchokeCandidate] {
        (0..<count).map { index in
            let endpoint = PeerEndpoint(address: IPAddress(v4: UInt32(index)), port: 6_881)
            let id = PeerID(prefix: "-RU0100-", using: &random)
            var candidate = UnchokeCandidate(endpoint, id: id, connectedAt: .zero)
            candidate.peer = PeerSlot(rawValue: UInt32(index))
            candidate.isInterested = Int.random(in: 0..<4, using: &random) > 0
            candidate.downloadBytesPerSecond = Double.random(in: 0..<1e6, using: &random)
            candidate.uploadBytesPerSecond = Double.random(in: 0..<1e5, using: &random)
            candidate.progress = Double.random(in: 0..<1, using: &random)
            return candidate
        }
    }
}

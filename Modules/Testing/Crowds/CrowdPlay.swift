// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import RucheCrypto
internal import RucheSwarm
internal import RucheWire

/// One run of a crowd.
final class CrowdPlay {
    private struct Member {
        let peer: VirtualPeer
        let joinsAt: Instant
        /// The peer leaves when it is complete.
        let leavesOnCompletion: Bool
    }

    private let crowd: Crowd
    private let swarm: VirtualSwarm
    private let seedPeer: VirtualPeer
    private var members: [Member] = []
    /// The total number of bytes that members had sent at the end of each second.
    private var sent: [Int] = []
    private var random: SeededRandom

    init(_ crowd: Crowd, torrent: VirtualTorrent, seed: UInt64) {
        self.crowd = crowd
        swarm = VirtualSwarm(torrent, seed: seed, conditions: crowd.conditions)
        swarm.limits = crowd.limits
        random = swarm.network.makeRandom()
        seedPeer = swarm.add(.seed, capacity: crowd.seed, store: SharedStore(torrent))
        seedPeer.start()
        for (group, joinsAt) in zip(shuffledGroups(), arrivals()) { admit(group, at: joinsAt) }
    }

    func run() {
        let end = swarm.now + crowd.patience
        while swarm.now < end, isAwaited {
            swarm.network.run(for: .milliseconds(500))
            dismiss()
            if swarm.now.nanoseconds % 1_000_000_000 == 0 {
                sent.append(members.reduce(0) { $0 + $1.peer.uploadedByteCount })
            }
        }
    }

    /// Whether the run must continue: until every honest peer is complete, and free riders too, unless they take
    /// several times as long.
    private var isAwaited: Bool {
        var last = Instant.zero
        var hasUnfinishedRiders = false
        for member in members {
            if let completedAt = member.peer.completedAt {
                last = max(last, completedAt)
            } else if member.peer.conduct == .freeRider {
                hasUnfinishedRiders = true
            } else {
                return true
            }
        }
        return hasUnfinishedRiders && swarm.now - .zero < (last - .zero) * Crowd.ridersPatience
    }

    func makeResult() -> CrowdResult {
        CrowdResult(
            boundSeconds: FluidBound(crowd, joins: members.map { ($0.peer, $0.joinsAt) }).seconds,
            members: members.map { member in
                CrowdResult.Member(
                    conduct: member.peer.conduct,
                    capacity: member.peer.host.capacity,
                    joinedAt: member.joinsAt,
                    completedAt: member.peer.completedAt,
                    endedAt: swarm.now,
                    uploadedByteCount: member.peer.uploadedByteCount,
                    downloadedByteCount: member.peer.downloadedByteCount,
                    redundantByteCount: member.peer.wastedByteCount
                )
            },
            seedUploadedByteCount: seedPeer.uploadedByteCount,
            sentByteCounts: sent,
            byteCount: crowd.byteCount,
            eventCount: swarm.network.eventCount
        )
    }

    // MARK: - Coming and going

    private func shuffledGroups() -> [Crowd.Group] {
        crowd.groups.flatMap { repeatElement($0, count: $0.count) }.shuffled(using: &random)
    }

    private func arrivals() -> [Instant] {
        let count = crowd.groups.reduce(0) { $0 + $1.count }
        var now = Instant.zero
        return (0..<count).map { _ in
            switch crowd.arrival {
            case .atOnce: return .zero + .seconds(Double.random(in: 0..<1, using: &random))
            case .poisson(let perSecond):
                now = now + .seconds(-log(Double.random(in: 0..<1, using: &random).nextUp) / perSecond)
                return now
            }
        }
    }

    private func admit(_ group: Crowd.Group, at instant: Instant) {
        let peer = swarm.add(.leecher, group.conduct, capacity: group.capacity, store: SharedStore(swarm.torrent))
        var leaves = false
        if case .onCompletion(let share) = crowd.departure { leaves = Double.random(in: 0..<1, using: &random) < share }
        members.append(Member(peer: peer, joinsAt: instant, leavesOnCompletion: leaves))
        swarm.network.schedule(after: instant - .zero) { peer.start() }
    }

    private func dismiss() {
        for member in members where member.peer.isRunning && member.peer.isComplete {
            let isEven = crowd.departure == .onEvenRatio && member.peer.uploadedByteCount >= crowd.byteCount
            if isEven || member.leavesOnCompletion { member.peer.stop() }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

/// Peers and their states, advanced round by round.
struct ChokeTable {
    var choker: Choker
    var candidates: [UnchokeCandidate]
    var now = Instant.zero + .minutes(10)
    var random = SeededRandom(seed: 7)
    /// The bytes that an unchoked peer downloads per round.
    var bytesPerRound = 50 << 10
    /// The number of rounds in which each peer was unchoked.
    var roundsUnchoked: [Int]

    /// All peers have different addresses.
    init(slots: UploadSlots, count: Int) {
        choker = Choker(slots: slots)
        candidates = (0..<count).map {
            let endpoint = PeerEndpoint(address: IPAddress(v4: UInt32($0)), port: 6_881)
            var candidate = UnchokeCandidate(endpoint, id: PeerID(SHA1.hash([UInt8($0 & 255)])), connectedAt: .zero)
            candidate.peer = PeerSlot(rawValue: UInt32($0))
            return candidate
        }
        roundsUnchoked = Array(repeating: 0, count: count)
    }

    /// Runs a round, in which the unchoked peers download.
    mutating func round(_ policy: some UnchokePolicy) {
        var decisions = ChokeDecisions()
        choker.handle(.round, candidates, policy: policy, at: now, using: &random, into: &decisions)
        for index in candidates.indices {
            let peer = candidates[index].peer
            if decisions.unchoke.contains(peer) {
                #expect(!candidates[index].isUnchoked)
                candidates[index].isUnchoked = true
                candidates[index].unchokedAt = now
                candidates[index].bytesSinceUnchoke = 0
            }
            if decisions.choke.contains(peer) {
                #expect(candidates[index].isUnchoked)
                candidates[index].isUnchoked = false
            }
            if candidates[index].isUnchoked {
                roundsUnchoked[index] += 1
                candidates[index].bytesSinceUnchoke += bytesPerRound
            }
        }
        now = now + Choker.roundInterval
    }

    /// Fills free slots between two rounds.
    mutating func fill(_ policy: some UnchokePolicy) {
        var decisions = ChokeDecisions()
        choker.handle(.vacancy, candidates, policy: policy, at: now, using: &random, into: &decisions)
        #expect(decisions.choke.isEmpty)
        for peer in decisions.unchoke { candidates[peer.int].isUnchoked = true }
    }

    var unchoked: [Int] { candidates.indices.filter { candidates[$0].isUnchoked } }

    /// Gives several peers one address.
    mutating func gather(_ indices: some Sequence<Int>) {
        guard let first = indices.first(where: { _ in true }) else { return }
        for index in indices { candidates[index].endpoint.address = candidates[first].endpoint.address }
    }

    /// Ends the connection of a peer; another interested one, from the same address, takes its index.
    mutating func reconnect(_ index: Int) {
        let old = candidates[index]
        choker.handlePeerLeft(old.peer)
        candidates[index] = UnchokeCandidate(old.endpoint, id: old.id, connectedAt: now)
        candidates[index].peer = old.peer
    }
}

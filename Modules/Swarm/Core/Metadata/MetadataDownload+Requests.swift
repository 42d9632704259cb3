// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Which parts to request from which peers.
extension MetadataDownload {
    /// Concurrent requests to an address that has sent nothing yet.
    private static let unprovenAskCount = 2
    /// Peers asked for one part at a time, late ones included: each is asked a moment after the one before it.
    private static let askersPerPart = 8

    /// Returns the next part to request from `peer`, if any; one at a time per peer. Outside its turn (`peersInTurn`),
    /// a peer at an address that has failed starts nothing new: others may wait.
    package mutating func nextRequest(for peer: PeerSlot, isInTurn: Bool = true, at now: Instant) -> Int? {
        guard let offer = offers[peer], offer.ask == nil, now >= offer.restsUntil else { return nil }
        guard let standing = origins[offer.origin],
            standing.givenCount > 0 || standing.askCount < Self.unprovenAskCount
        else { return nil }
        let mayBegin = isInTurn || standing.failureCount == 0
        guard let index = candidateIndex(for: peer, offer, mayBegin: mayBegin, at: now),
            let part = candidates[index].firstUnasked(work)
                ?? latePart(of: candidates[index], for: offer.origin, at: now)
        else { return nil }
        candidates[index].handleAsked(part, at: now)
        offers[peer]?.ask = Ask(candidate: candidates[index].id, part: part, at: now)
        origins[offer.origin]?.askCount += 1
        return part
    }

    /// Returns a part that another address has been owing for some time.
    private func latePart(of candidate: MetadataCandidate, for origin: AddressGroup, at now: Instant) -> Int? {
        guard candidate.owner == nil else { return nil }
        work.add(offers.count + candidate.partCount)
        let asks = offers.values.lazy.filter { $0.origin == origin }.compactMap(\.ask)
        let own = Set(asks.filter { $0.candidate == candidate.id }.map(\.part))
        return candidate.late(for: SwarmTiming.lateMetadata, at: now, askers: Self.askersPerPart).first {
            !own.contains($0)
        }
    }

    /// Returns the peers that offer the metadata: first those whose addresses have failed least, then those whose size
    /// most addresses name, then at random.
    package mutating func peersInTurn() -> [PeerSlot] {
        work.add(2 * offers.count)
        var voices: [Int: Set<AddressGroup>] = [:]
        for offer in offers.values { voices[offer.size, default: []].insert(offer.origin) }
        let ranked = offers.keys.sorted().map { peer -> (rank: (Int, Int, Int, UInt64), peer: PeerSlot) in
            let standing = offers[peer].flatMap { origins[$0.origin] }
            let voiceCount = offers[peer].flatMap { voices[$0.size]?.count } ?? 0
            return ((standing?.failureCount ?? 0, -voiceCount, standing?.askCount ?? 0, random.next()), peer)
        }
        return ranked.sorted { $0.rank < $1.rank }.map { $0.peer }
    }
}

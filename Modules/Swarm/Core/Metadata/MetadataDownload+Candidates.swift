// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Starting candidates and giving them up.
extension MetadataDownload {
    /// Returns the peer's candidate, started if there is room; nil if it has to wait.
    mutating func candidateIndex(for peer: PeerSlot, _ offer: Offer, mayBegin: Bool, at now: Instant) -> Int? {
        let found = candidates.firstIndex { isSharing ? $0.size == offer.size : $0.owner == peer }
        guard found == nil, mayBegin, hasRoom(for: offer) else { return found }
        nextID += 1
        let owner = isSharing ? nil : peer
        candidates.append(MetadataCandidate(id: nextID, size: offer.size, owner: owner, opener: offer.origin, at: now))
        work.add(candidates[candidates.count - 1].partCount)
        return candidates.count - 1
    }

    /// An address has one candidate at a time, so that it leaves room for others. There is always room for one.
    private func hasRoom(for offer: Offer) -> Bool {
        let all = candidates + judged
        guard !all.contains(where: { $0.opener == offer.origin || isSharing && $0.size == offer.size }) else {
            return false
        }
        let byteCount = all.reduce(offer.size) { $0 + $1.size }
        return all.isEmpty || all.count < SwarmBounds.metadataCandidates && byteCount <= 2 * limitBytes
    }

    /// Gives up candidates with too little progress, if an address waits that has no room.
    mutating func makeRoom(at now: Instant) {
        guard !candidates.isEmpty else { return }
        let openers = Set((candidates + judged).map(\.opener))
        work.add(offers.count)
        let isAnyoneWaiting = offers.values.contains { offer in
            guard !openers.contains(offer.origin), now >= offer.restsUntil, !hasRoom(for: offer) else { return false }
            return !isSharing || !candidates.contains { $0.size == offer.size }
        }
        guard isAnyoneWaiting else { return }
        let hopeless = candidates.filter { isHopeless($0, at: now) }
        for candidate in hopeless { noteFailure(of: candidate.opener, at: now) }
        drop(hopeless)
    }

    /// Returns whether no part has arrived for too long, or all of them take too long. Each failure of its opener
    /// doubles the time: a slow but honest peer succeeds in the end.
    private func isHopeless(_ candidate: MetadataCandidate, at now: Instant) -> Bool {
        let factor = Int64(1) << Int64(min(origins[candidate.opener]?.failureCount ?? 0, SwarmBounds.metadataDoublings))
        let whole = SwarmTiming.ownMetadata + SwarmTiming.ownMetadataPart * Int64(candidate.partCount)
        return now - candidate.progressedAt >= SwarmTiming.hopelessMetadata * factor
            || now - candidate.begunAt >= whole * factor
    }
}

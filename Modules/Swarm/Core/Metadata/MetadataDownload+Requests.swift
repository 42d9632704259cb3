// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Whom to ask for which part.
extension MetadataDownload {
    /// Parts asked at a time of an address that has given nothing yet.
    private static let unprovenAskCount = 2
    /// Peers asked for one part at a time, the late ones included.
    private static let askersPerPart = 3

    /// Next part to ask of `peer`, if any; one at a time a peer.
    package mutating func nextRequest(for peer: PeerSlot, at now: Instant) -> Int? {
        guard let offer = offers[peer], offer.ask == nil, now >= offer.restsUntil else { return nil }
        if offer.isSilent, promisingCount > 0 { return nil }
        guard mayAsk(offer.origin) else { return nil }
        if candidate == nil { begin(size: popularSize(at: now) ?? offer.size, at: now) }
        guard candidate?.size == offer.size else { return nil }
        if isSingleSource, let owner = candidate?.owner, owner != peer { return nil }
        guard let part = candidate?.firstUnasked(work) ?? latePart(for: offer.origin, at: now) else { return nil }
        candidate?.handleAsked(part, of: peer, at: now)
        offers[peer]?.ask = (part, now)
        origins[offer.origin]?.askCount += 1
        return part
    }

    private func mayAsk(_ origin: AddressGroup) -> Bool {
        guard let standing = origins[origin] else { return false }
        return standing.givenCount > 0 || standing.askCount < Self.unprovenAskCount
    }

    /// A part that another address has been owing for some time.
    private func latePart(for origin: AddressGroup, at now: Instant) -> Int? {
        guard !isSingleSource, let candidate else { return nil }
        work.add(offers.count + candidate.partCount)
        let own = Set(offers.values.lazy.filter { $0.origin == origin }.compactMap(\.ask?.part))
        return candidate.late(for: SwarmTiming.lateMetadata, at: now, askers: Self.askersPerPart).first {
            !own.contains($0)
        }
    }

    mutating func begin(size: Int, at now: Instant) {
        candidate = MetadataCandidate(size: size, at: now)
        work.add(candidate?.partCount ?? 0)
    }

    /// The size that most addresses name, of those that may be asked and did not fail to answer: else a crowd that offers
    /// and never gives would have its way.
    func popularSize(at now: Instant, besides other: Int? = nil) -> Int? {
        work.add(offers.count)
        let askable = offers.values.filter { now >= $0.restsUntil && $0.size != other }
        let trusted = askable.filter { origins[$0.origin]?.failureCount == 0 }
        if trusted.isEmpty, other != nil { return nil }
        var voters: [Int: Set<AddressGroup>] = [:]
        for offer in trusted.isEmpty ? askable : trusted { voters[offer.size, default: []].insert(offer.origin) }
        return voters.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.key
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Gathers the info dictionary of a magnet from peers (BEP 9).
///
///     sharing ── a candidate of several givers is wrong ──▶ owners
///
/// While sharing, there is one candidate for each size that peers name, and all that name it are asked for its parts: each
/// part of one peer at a time, and one part at a time of each peer. What is late is asked of a second address. With owners,
/// each candidate comes from one peer alone, so that a liar is known. Several candidates are under way at once, each begun
/// with a peer at another address. One of which little comes is given up as soon as another address waits for its place, and
/// that one has a longer time later.
///
/// Owner: `SwarmCore`, until the metadata is there. Memory: the parts that came, `SwarmBounds.metadataCandidates`
/// candidates of twice `limitBytes` together.
package struct MetadataDownload: Sendable {
    /// Part of the metadata, 16 KiB but for the last.
    package static let partByteCount = 16 * 1024

    let limitBytes: Int
    let work: WorkMeter
    var random: SeededRandom
    var offers: [PeerSlot: Offer] = [:]
    var origins: [AddressGroup: Standing] = [:]
    /// Addresses that failed to answer, or gave what was wrong.
    var failed = RecentAddresses(for: SwarmTiming.silentMemory)
    var candidates: [MetadataCandidate] = []
    /// Candidates that are whole, and wait for their verdict.
    var judged: [MetadataCandidate] = []
    var isSharing = true
    /// Peers that offer each size.
    var peerCounts: [Int: Int] = [:]
    var nextID = 0

    /// What one peer offers, and what it was asked for.
    struct Offer {
        let size: Int
        let origin: AddressGroup
        var ask: Ask?
        var restsUntil = Instant.zero
    }

    struct Ask {
        let candidate: Int
        let part: Int
        let at: Instant
    }

    /// What the peers of one address have come to.
    struct Standing {
        var peerCount = 0
        var askCount = 0
        var givenCount = 0
        var failureCount: Int
    }

    package init(limitBytes: Int, seed: UInt64, work: WorkMeter = WorkMeter()) {
        self.limitBytes = limitBytes
        self.work = work
        random = SeededRandom(seed: seed)
    }

    /// A peer's extended handshake named a size. False where it cannot be true.
    package mutating func handleOffer(size: Int, from peer: PeerSlot, at address: IPAddress, _ now: Instant) -> Bool {
        guard size > 0, size <= limitBytes else { return false }
        guard offers[peer]?.size != size else { return true }
        handleLeft(peer, at: now)
        let origin = address.group
        offers[peer] = Offer(size: size, origin: origin)
        let failureCount = failed.contains(address, at: now) ? 1 : 0
        origins[origin, default: Standing(failureCount: failureCount)].peerCount += 1
        peerCounts[size, default: 0] += 1
        return true
    }

    /// The peer is gone: what it was asked for is free again, and what has to come from it alone is lost.
    package mutating func handleLeft(_ peer: PeerSlot, at now: Instant) {
        guard let offer = offers[peer] else { return }
        for index in candidates.indices { candidates[index].handleLeft(peer) }
        for index in judged.indices { judged[index].handleLeft(peer) }
        if let ask = offer.ask, now - ask.at >= SwarmTiming.owedOnLeaving { noteFailure(of: offer.origin, at: now) }
        release(peer)
        offers[peer] = nil
        peerCounts[offer.size, default: 1] -= 1
        if peerCounts[offer.size] == 0 { peerCounts[offer.size] = nil }
        origins[offer.origin]?.peerCount -= 1
        if origins[offer.origin]?.peerCount == 0 { origins[offer.origin] = nil }
        drop(candidates.filter { $0.owner == peer || peerCounts[$0.size] == nil })
    }

    /// The peer will not give what it was asked for: it is left alone for a while, and others are asked first.
    package mutating func handleReject(from peer: PeerSlot, at now: Instant) {
        guard let offer = offers[peer], offer.ask != nil else { return }
        release(peer)
        offers[peer]?.restsUntil = now + SwarmTiming.answer
        noteFailure(of: offer.origin, at: now)
        drop(candidates.filter { $0.owner == peer })
    }

    /// Frees what has been unanswered for too long, and gives up candidates for others that wait.
    package mutating func handleTick(at now: Instant) {
        work.add(offers.count)
        let late = offers.filter { $1.ask.map { now - $0.at >= SwarmTiming.answer } ?? false }.keys.sorted()
        for peer in late { handleReject(from: peer, at: now) }
        makeRoom(at: now)
    }

    /// What a part led to.
    package enum Progress: Equatable {
        /// Not asked for, or not of the right length.
        case unexpected
        /// More is missing.
        case partial
        /// All of a candidate is there: report with `handleRight` or `handleWrong` what `MetadataCheck` says of the parts.
        case judge(candidate: Int, parts: [[UInt8]])
    }

    /// A part arrived.
    package mutating func handleData(
        part: Int,
        totalSize: Int?,
        bytes: some Collection<UInt8>,
        from peer: PeerSlot,
        at now: Instant
    ) -> Progress {
        guard let offer = offers[peer], let ask = offer.ask, ask.part == part,
            let index = candidates.firstIndex(where: { $0.id == ask.candidate }),
            totalSize ?? offer.size == offer.size, bytes.count == candidates[index].byteCount(of: part)
        else { return .unexpected }
        release(peer)
        origins[offer.origin]?.givenCount += 1
        candidates[index].handleData(Array(bytes), of: part, from: peer, at: now)
        guard candidates[index].isComplete else { return .partial }
        let whole = candidates[index]
        drop([whole])
        judged.append(whole)
        return .judge(candidate: whole.id, parts: whole.givenParts)
    }

    /// A candidate turned out wrong. Returns the peer that gave all of it, if it is known; of several, the next tries
    /// will tell.
    package mutating func handleWrong(_ candidate: Int, at now: Instant) -> PeerSlot? {
        guard let index = judged.firstIndex(where: { $0.id == candidate }) else { return nil }
        let wrong = judged.remove(at: index)
        if wrong.owner != nil || wrong.onlyGiver != nil { noteFailure(of: wrong.opener, at: now) }
        if wrong.onlyGiver == nil, wrong.owner == nil, isSharing {
            isSharing = false
            drop(candidates)
        }
        return wrong.onlyGiver
    }

    // MARK: - Bookkeeping

    mutating func noteFailure(of origin: AddressGroup, at now: Instant) {
        origins[origin]?.failureCount += 1
        failed.insert(origin, at: now)
    }

    /// The peer owes nothing any more.
    private mutating func release(_ peer: PeerSlot) {
        guard let offer = offers[peer], let ask = offer.ask else { return }
        offers[peer]?.ask = nil
        origins[offer.origin]?.askCount -= 1
        guard let index = candidates.firstIndex(where: { $0.id == ask.candidate }) else { return }
        candidates[index].handleReleased(ask.part)
    }

    /// Gives candidates up, with what they were asked for.
    mutating func drop(_ dropped: [MetadataCandidate]) {
        guard !dropped.isEmpty else { return }
        let ids = Set(dropped.map(\.id))
        work.add(offers.count)
        for peer in offers.keys.sorted() where offers[peer]?.ask.map({ ids.contains($0.candidate) }) ?? false {
            release(peer)
        }
        candidates.removeAll { ids.contains($0.id) }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Downloads the info dictionary of a magnet link from peers (BEP 9).
///
///     sharing ── a candidate of several givers is wrong ──▶ owners
///
/// While sharing, there is one candidate for each size that peers name, and all peers that name it are asked for its
/// parts: each part is requested from one peer at a time, and one part at a time from each peer. A late part is
/// requested from a second address. With owners, each candidate comes from a single peer, so that a liar is identified.
/// Several candidates run concurrently, each started with a peer at another address. One with little progress is given
/// up as soon as another address waits for its place, and gets more time on the next attempt.
///
/// Owner: `SwarmCore`, until the metadata is complete. Memory: the parts that have arrived,
/// `SwarmBounds.metadataCandidates` candidates of together twice `limitBytes`.
package struct MetadataDownload: Sendable {
    /// The length of a part of the metadata, except for the last.
    package static let partByteCount = 16 * 1024

    let limitBytes: Int
    let work: WorkMeter
    var random: SeededRandom
    var offers: [PeerSlot: Offer] = [:]
    var origins: [AddressGroup: Standing] = [:]
    /// Addresses that failed to answer, or sent wrong data.
    var failed = RecentAddresses(for: SwarmTiming.silentMemory)
    var candidates: [MetadataCandidate] = []
    /// Complete candidates that wait for their verdict.
    var judged: [MetadataCandidate] = []
    var isSharing = true
    /// The number of peers that offer each size.
    var peerCounts: [Int: Int] = [:]
    var nextID = 0

    /// What one peer offers, and what was requested from it.
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

    /// The state of the peers at one address.
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

    /// Handles the size named in a peer's extended handshake. Returns false if it cannot be true.
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

    /// Handles a peer that has left: its requests are released, and a candidate that only it can send is dropped.
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

    /// Handles a peer that refuses a request: it is not asked for a while, and others are asked first.
    package mutating func handleReject(from peer: PeerSlot, at now: Instant) {
        guard let offer = offers[peer], offer.ask != nil else { return }
        release(peer)
        offers[peer]?.restsUntil = now + SwarmTiming.answer
        noteFailure(of: offer.origin, at: now)
        drop(candidates.filter { $0.owner == peer })
    }

    /// Releases requests that have been unanswered for too long, and gives up candidates for others that wait.
    package mutating func handleTick(at now: Instant) {
        work.add(offers.count)
        let late = offers.filter { $1.ask.map { now - $0.at >= SwarmTiming.answer } ?? false }.keys.sorted()
        for peer in late { handleReject(from: peer, at: now) }
        makeRoom(at: now)
    }

    /// The result of a part.
    package enum Progress: Equatable {
        /// Not requested, or of the wrong length.
        case unexpected
        /// More parts are missing.
        case partial
        /// A candidate is complete: report the result of `MetadataCheck` for the parts with `handleRight` or
        /// `handleWrong`.
        case judge(candidate: Int, parts: [[UInt8]])
    }

    /// Handles a part that has arrived.
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

    /// Handles a candidate that is wrong. Returns the peer that sent all of it, if it is known; if there were several,
    /// the next attempts identify the liar.
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

    /// Gives up candidates, and releases their requests.
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

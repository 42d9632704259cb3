// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Gathers the info dictionary of a magnet from peers (BEP 9), verified against the info-hash.
///
/// Each part is asked of one peer at a time, and a peer is asked for one part at a time. What is late is asked of a second
/// address, and an address that has given nothing is asked for little, so that a crowd of silent connections from one
/// address holds nothing up. Peers may name different sizes: the one that most addresses name is worked on, and given up
/// where nothing comes of it.
///
/// A candidate that fails its hash is dropped, and so is its only giver; after a failure of mixed origin the next try
/// takes every part from a single peer, so that the next culprit is known. Owner: `SwarmCore`, until the metadata is
/// there. Memory: the parts that came, of one candidate.
package struct MetadataDownload: Sendable {
    /// Part of the metadata, 16 KiB but for the last.
    package static let partByteCount = 16 * 1024

    let hashes: InfoHashes
    private let limitBytes: Int
    let work: WorkMeter
    var offers: [PeerSlot: Offer] = [:]
    var origins: [AddressGroup: Standing] = [:]
    var candidate: MetadataCandidate?
    var isSingleSource = false
    /// Peers that offer each size.
    var peerCounts: [Int: Int] = [:]
    /// Peers that did not fail to answer.
    var promisingCount = 0

    /// What one peer offers, and what it was asked for.
    struct Offer {
        let size: Int
        let origin: AddressGroup
        var ask: (part: Int, at: Instant)?
        var restsUntil = Instant.zero
        /// It gave nothing when it was last asked.
        var isSilent = false
    }

    /// What the peers of one address have come to.
    struct Standing {
        var peerCount = 0
        var askCount = 0
        var givenCount = 0
        var failureCount = 0
    }

    package init(hashes: InfoHashes, limitBytes: Int, work: WorkMeter = WorkMeter()) {
        self.hashes = hashes
        self.limitBytes = limitBytes
        self.work = work
    }

    /// A peer's extended handshake named a size. False where it cannot be true.
    package mutating func handleOffer(size: Int, from peer: PeerSlot, at address: IPAddress) -> Bool {
        guard size > 0, size <= limitBytes else { return false }
        guard offers[peer]?.size != size else { return true }
        handleLeft(peer)
        let origin = address.group
        offers[peer] = Offer(size: size, origin: origin)
        origins[origin, default: Standing()].peerCount += 1
        peerCounts[size, default: 0] += 1
        promisingCount += 1
        return true
    }

    /// The peer is gone: what it was asked for is free again.
    package mutating func handleLeft(_ peer: PeerSlot) {
        guard let offer = offers[peer] else { return }
        release(peer)
        offers[peer] = nil
        if !offer.isSilent { promisingCount -= 1 }
        peerCounts[offer.size, default: 1] -= 1
        if peerCounts[offer.size] == 0 { peerCounts[offer.size] = nil }
        origins[offer.origin]?.peerCount -= 1
        if origins[offer.origin]?.peerCount == 0 { origins[offer.origin] = nil }
        // What has to come from a single peer is lost with that peer, and a size with the last who stood for it.
        let isOrphan = isSingleSource && candidate?.owner == peer
        if isOrphan || candidate.map({ peerCounts[$0.size] == nil }) == true { dropCandidate() }
    }

    /// The peer will not give what it was asked for: it is left alone for a while, and others are asked first.
    package mutating func handleReject(from peer: PeerSlot, at now: Instant) {
        guard let offer = offers[peer], offer.ask != nil else { return }
        release(peer)
        if !offer.isSilent { promisingCount -= 1 }
        offers[peer]?.isSilent = true
        offers[peer]?.restsUntil = now + SwarmTiming.answer
        origins[offer.origin]?.failureCount += 1
        let isOrphan = isSingleSource && candidate?.owner == peer
        if isOrphan || candidate?.isUntouched == true { dropCandidate() }
    }

    /// Frees what has been unanswered for too long, and gives up a size of which nothing comes while another is offered.
    package mutating func handleTick(at now: Instant) {
        work.add(offers.count)
        let late = offers.filter { $1.ask.map { now - $0.at >= SwarmTiming.answer } ?? false }.keys.sorted()
        for peer in late { handleReject(from: peer, at: now) }
        guard let candidate, candidate.givenCount == 0, now - candidate.begunAt >= SwarmTiming.hopelessMetadata,
            let other = popularSize(at: now, besides: candidate.size)
        else { return }
        for peer in offers.keys.sorted() where offers[peer]?.ask != nil { handleReject(from: peer, at: now) }
        dropCandidate()
        begin(size: other, at: now)
    }

    /// Those who offer the metadata, the most promising first.
    package var candidates: [PeerSlot] {
        work.add(offers.count)
        return offers.keys.sorted { a, b in rank(a) < rank(b) }
    }

    private func rank(_ peer: PeerSlot) -> (Int, Int, PeerSlot) {
        let standing = offers[peer].flatMap { origins[$0.origin] }
        return (standing?.failureCount ?? 0, standing?.askCount ?? 0, peer)
    }

    /// What a part led to.
    package enum Progress: Equatable {
        /// Not asked for, or not of the right length.
        case unexpected
        /// More is missing.
        case partial
        /// All is there and right.
        case complete([UInt8])
        /// All was there and wrong; these gave it. With one name, that one lied.
        case wrong([PeerSlot])
    }

    /// A part arrived.
    package mutating func handleData(part: Int, totalSize: Int?, bytes: some Collection<UInt8>, from peer: PeerSlot)
        -> Progress
    {
        guard let offer = offers[peer], offer.ask?.part == part, let size = candidate?.size, totalSize ?? size == size,
            bytes.count == candidate?.byteCount(of: part)
        else { return .unexpected }
        release(peer)
        if offer.isSilent { promisingCount += 1 }
        offers[peer]?.isSilent = false
        origins[offer.origin]?.givenCount += 1
        origins[offer.origin]?.failureCount = 0
        // A second peer was asked for it, and was faster.
        guard candidate?.handleData(Array(bytes), of: part, from: peer) == true else { return .partial }
        guard candidate?.isComplete == true else { return .partial }
        return conclude()
    }

    private mutating func conclude() -> Progress {
        guard let finished = candidate else { return .unexpected }
        dropCandidate()
        let bytes = finished.bytes
        if matches(bytes) { return .complete(bytes) }
        isSingleSource = true
        return .wrong(finished.givers.sorted())
    }

    private func matches(_ bytes: [UInt8]) -> Bool {
        if let v2 = hashes.v2, SHA256.hash(bytes) != v2 { return false }
        if let v1 = hashes.v1, SHA1.hash(bytes) != v1 { return false }
        return true
    }

    /// The peer owes nothing any more.
    private mutating func release(_ peer: PeerSlot) {
        guard let offer = offers[peer], let ask = offer.ask else { return }
        offers[peer]?.ask = nil
        origins[offer.origin]?.askCount -= 1
        candidate?.handleReleased(ask.part)
    }

    private mutating func dropCandidate() {
        for peer in offers.keys.sorted() where offers[peer]?.ask != nil { release(peer) }
        work.add(offers.count)
        candidate = nil
    }
}

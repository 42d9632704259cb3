// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Gathers the info dictionary of a magnet from peers (BEP 9), verified against the info-hash.
///
/// Owner: `SwarmCore`, until the metadata is there. Peers may name different sizes: each size is a candidate of its own,
/// and the one that more peers name is worked on. A candidate that fails its hash is dropped, and so is whoever gave all
/// of it; after a failure of mixed origin, the next try takes every part from a single peer, so that the next culprit is
/// known. Memory: one candidate's bytes at a time, never more than `limitBytes`.
package struct MetadataDownload: Sendable {
    /// Part of the metadata, 16 KiB but for the last.
    package static let partByteCount = 16 * 1024

    private let hashes: InfoHashes
    private let limitBytes: Int
    private var offers: [PeerSlot: Int] = [:]
    private var candidate: Candidate?
    private var singleSource = false
    private var busyUntil: [PeerSlot: Instant] = [:]
    /// Those who gave nothing when they were last asked.
    private var silent: Set<PeerSlot> = []
    private var askedAt: [PeerSlot: Instant] = [:]

    private struct Candidate {
        var bytes: [UInt8]
        var sources: [PeerSlot?]
        var requested: [PeerSlot?]
    }

    package init(hashes: InfoHashes, limitBytes: Int) {
        self.hashes = hashes
        self.limitBytes = limitBytes
    }

    /// A peer's extended handshake named a size. False where it cannot be true.
    package mutating func handleOffer(size: Int, from peer: PeerSlot) -> Bool {
        guard size > 0, size <= limitBytes else { return false }
        offers[peer] = size
        return true
    }

    /// The peer is gone: what it was asked for is free again.
    package mutating func handleLeft(_ peer: PeerSlot) {
        offers[peer] = nil
        busyUntil[peer] = nil
        silent.remove(peer)
        release(peer)
    }

    /// The peer will not give what it was asked for; it is left alone for `pause`.
    package mutating func handleReject(from peer: PeerSlot, at now: Instant, pause: Interval) {
        release(peer)
        silent.insert(peer)
        busyUntil[peer] = now + pause
    }

    /// Next part to ask of `peer`, if any; one at a time a peer.
    package mutating func nextRequest(for peer: PeerSlot, at now: Instant) -> Int? {
        guard let size = offers[peer], now >= busyUntil[peer] ?? .zero else { return nil }
        if silent.contains(peer), offers.keys.contains(where: { !silent.contains($0) }) { return nil }
        if candidate == nil { begin(size: popularSize(at: now) ?? size) }
        guard candidate?.bytes.count == size, askedAt[peer] == nil else { return nil }
        if singleSource, let owner = onlySource, owner != peer { return nil }
        guard let part = candidate?.requested.firstIndex(where: { $0 == nil }) else { return nil }
        candidate?.requested[part] = peer
        askedAt[peer] = now
        return part
    }

    /// Frees what peers have left unanswered for `patience`, and leaves those peers alone as long.
    package mutating func handleTimeouts(after patience: Interval, at now: Instant) {
        for (peer, asked) in askedAt where now - asked >= patience {
            handleReject(from: peer, at: now, pause: patience)
        }
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
        guard let size = candidate?.bytes.count, totalSize ?? size == size,
            candidate?.requested.indices.contains(part) == true, candidate?.requested[part] == peer,
            candidate?.sources[part] == nil
        else { return .unexpected }
        let range = part * Self.partByteCount..<min(size, (part + 1) * Self.partByteCount)
        guard bytes.count == range.count else { return .unexpected }
        candidate?.bytes.replaceSubrange(range, with: bytes)
        candidate?.sources[part] = peer
        askedAt[peer] = nil
        silent.remove(peer)
        guard candidate?.sources.contains(nil) == false else { return .partial }
        return conclude()
    }

    private mutating func conclude() -> Progress {
        guard let finished = candidate else { return .unexpected }
        candidate = nil
        if matches(finished.bytes) { return .complete(finished.bytes) }
        singleSource = true
        let givers = Set(finished.sources.compactMap(\.self))
        return .wrong(givers.sorted { $0.rawValue < $1.rawValue })
    }

    private func matches(_ bytes: [UInt8]) -> Bool {
        if let v2 = hashes.v2, SHA256.hash(bytes) != v2 { return false }
        if let v1 = hashes.v1, SHA1.hash(bytes) != v1 { return false }
        return true
    }

    /// What most say, among those who may be asked: else a crowd that offers and never gives would have its way.
    private func popularSize(at now: Instant) -> Int? {
        let askable = offers.filter { now >= busyUntil[$0.key] ?? .zero }
        let trusted = askable.filter { !silent.contains($0.key) }
        let votes = Dictionary(grouping: (trusted.isEmpty ? askable : trusted).values) { $0 }.mapValues(\.count)
        return votes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    private var onlySource: PeerSlot? {
        candidate?.requested.compactMap(\.self).first
    }

    private mutating func begin(size: Int) {
        let parts = (size + Self.partByteCount - 1) / Self.partByteCount
        candidate = Candidate(
            bytes: Array(repeating: 0, count: size),
            sources: Array(repeating: nil, count: parts),
            requested: Array(repeating: nil, count: parts)
        )
    }

    private mutating func release(_ peer: PeerSlot) {
        askedAt[peer] = nil
        guard let current = candidate else { return }
        for part in current.requested.indices where current.requested[part] == peer && current.sources[part] == nil {
            candidate?.requested[part] = nil
        }
        // A size that nobody stands for any more may have been a lie: let the others vote again. And what has to come
        // from a single peer is lost with that peer, whether it left or gives no more.
        let isOffered = offers.values.contains(current.bytes.count)
        let isOrphan = singleSource && current.sources.contains(peer)
        let isUntouched = candidate?.requested.allSatisfy { $0 == nil } == true
        if !isOffered || isOrphan || isUntouched { candidate = nil }
    }
}

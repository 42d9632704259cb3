// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Metadata of one size, part by part. Memory is taken for parts that came. Owner: `MetadataDownload`.
struct MetadataCandidate: Sendable {
    let id: Int
    let size: Int
    /// The only peer that is asked for it; nil where all are that name the size.
    let owner: PeerSlot?
    /// The address of the peer that it was begun with.
    let opener: AddressGroup
    let begunAt: Instant
    /// When the last part came, or it was begun.
    private(set) var progressedAt: Instant
    /// Parts that are here.
    private(set) var givenCount = 0
    /// The connected peers that gave parts, and whether there were others.
    private(set) var givers: Set<PeerSlot> = []
    private(set) var hasLostGiver = false

    private var parts: [Part]
    /// No part before this one is missing.
    private var firstMissing = 0

    private struct Part {
        var bytes: [UInt8]?
        var askerCount = 0
        var askedAt = Instant.zero
    }

    init(id: Int, size: Int, owner: PeerSlot?, opener: AddressGroup, at now: Instant) {
        self.id = id
        self.size = size
        self.owner = owner
        self.opener = opener
        begunAt = now
        progressedAt = now
        let count = (size + MetadataDownload.partByteCount - 1) / MetadataDownload.partByteCount
        parts = Array(repeating: Part(), count: count)
    }

    var partCount: Int { parts.count }
    var isComplete: Bool { givenCount == parts.count }
    /// The bytes of all parts that are here.
    var givenParts: [[UInt8]] { parts.compactMap(\.bytes) }

    /// Bytes in `part`; nil where there is no such part.
    func byteCount(of part: Int) -> Int? {
        guard parts.indices.contains(part) else { return nil }
        return min(MetadataDownload.partByteCount, size - part * MetadataDownload.partByteCount)
    }

    /// The first part that is missing and asked of nobody.
    mutating func firstUnasked(_ work: WorkMeter) -> Int? {
        while firstMissing < parts.count, parts[firstMissing].bytes != nil { firstMissing += 1 }
        let found = parts[firstMissing...].firstIndex { $0.bytes == nil && $0.askerCount == 0 }
        work.add((found ?? parts.count) - firstMissing)
        return found
    }

    /// Missing parts that fewer than `askers` peers have been owing for `patience`, the longest due first.
    func late(for patience: Interval, at now: Instant, askers: Int) -> [Int] {
        parts.indices.filter { index in
            let part = parts[index]
            return part.bytes == nil && part.askerCount < askers && now - part.askedAt >= patience
        }.sorted { (parts[$0].askedAt, $0) < (parts[$1].askedAt, $1) }
    }

    mutating func handleAsked(_ part: Int, at now: Instant) {
        parts[part].askerCount += 1
        parts[part].askedAt = now
    }

    mutating func handleReleased(_ part: Int) { parts[part].askerCount -= 1 }

    /// Keeps a part, unless it is here already.
    mutating func handleData(_ bytes: [UInt8], of part: Int, from peer: PeerSlot, at now: Instant) {
        guard parts[part].bytes == nil else { return }
        parts[part].bytes = bytes
        givers.insert(peer)
        givenCount += 1
        progressedAt = now
    }

    /// The peer is gone, and its slot may be another's soon.
    mutating func handleLeft(_ peer: PeerSlot) {
        if givers.remove(peer) != nil { hasLostGiver = true }
    }

    /// The one peer that gave all of it; nil where there were several, or it is gone.
    var onlyGiver: PeerSlot? { givers.count == 1 && !hasLostGiver ? givers.first : nil }
}

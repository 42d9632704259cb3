// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Metadata of one size, part by part. Only parts that have arrived use memory. Owner: `MetadataDownload`.
struct MetadataCandidate: Sendable {
    let id: Int
    let size: Int
    /// The only peer that it is requested from; nil if all peers that name the size are asked.
    let owner: PeerSlot?
    /// The address of the peer that it was started with.
    let opener: AddressGroup
    let begunAt: Instant
    /// When the last part arrived, or it was started.
    private(set) var progressedAt: Instant
    /// The number of parts that have arrived.
    private(set) var givenCount = 0
    /// The connected peers that sent parts, and whether there were others.
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
    /// The bytes of all parts that have arrived.
    var givenParts: [[UInt8]] { parts.compactMap(\.bytes) }

    /// Returns the number of bytes in `part`; nil if there is no such part.
    func byteCount(of part: Int) -> Int? {
        guard parts.indices.contains(part) else { return nil }
        return min(MetadataDownload.partByteCount, size - part * MetadataDownload.partByteCount)
    }

    /// Returns the first part that is missing and not requested.
    mutating func firstUnasked(_ work: WorkMeter) -> Int? {
        while firstMissing < parts.count, parts[firstMissing].bytes != nil { firstMissing += 1 }
        let found = parts[firstMissing...].firstIndex { $0.bytes == nil && $0.askerCount == 0 }
        work.add((found ?? parts.count) - firstMissing)
        return found
    }

    /// Returns missing parts that fewer than `askers` peers have been owing for `patience`, the longest due first.
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

    /// Stores a part, unless it is present already.
    mutating func handleData(_ bytes: [UInt8], of part: Int, from peer: PeerSlot, at now: Instant) {
        guard parts[part].bytes == nil else { return }
        parts[part].bytes = bytes
        givers.insert(peer)
        givenCount += 1
        progressedAt = now
    }

    /// Handles a peer that has left; its slot may soon be another's.
    mutating func handleLeft(_ peer: PeerSlot) {
        if givers.remove(peer) != nil { hasLostGiver = true }
    }

    /// The one peer that sent all of it; nil if there were several, or it has left.
    var onlyGiver: PeerSlot? { givers.count == 1 && !hasLostGiver ? givers.first : nil }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Metadata of one size, part by part. Memory is taken for parts that came. Owner: `MetadataDownload`.
struct MetadataCandidate: Sendable {
    let size: Int
    let begunAt: Instant
    /// Who was asked first: the only one where all has to come from one peer.
    private(set) var owner: PeerSlot?
    /// Parts that are here.
    private(set) var givenCount = 0

    private var parts: [Part]
    /// No part before this one is missing.
    private var firstMissing = 0
    private var askCount = 0

    private struct Part {
        var bytes: [UInt8]?
        var giver: PeerSlot?
        var askerCount = 0
        var askedAt = Instant.zero
    }

    init(size: Int, at now: Instant) {
        self.size = size
        begunAt = now
        let count = (size + MetadataDownload.partByteCount - 1) / MetadataDownload.partByteCount
        parts = Array(repeating: Part(), count: count)
    }

    var partCount: Int { parts.count }
    var isComplete: Bool { givenCount == parts.count }
    /// Nothing came, and nobody is asked.
    var isUntouched: Bool { givenCount == 0 && askCount == 0 }
    /// All parts together.
    var bytes: [UInt8] { parts.flatMap { $0.bytes ?? [] } }
    var givers: Set<PeerSlot> { Set(parts.compactMap(\.giver)) }

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

    mutating func handleAsked(_ part: Int, of peer: PeerSlot, at now: Instant) {
        owner = owner ?? peer
        parts[part].askerCount += 1
        parts[part].askedAt = now
        askCount += 1
    }

    mutating func handleReleased(_ part: Int) {
        parts[part].askerCount -= 1
        askCount -= 1
    }

    /// Keeps a part; false where it is here already.
    mutating func handleData(_ bytes: [UInt8], of part: Int, from peer: PeerSlot) -> Bool {
        guard parts[part].bytes == nil else { return false }
        parts[part].bytes = bytes
        parts[part].giver = peer
        givenCount += 1
        return true
    }
}

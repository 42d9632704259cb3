// SPDX-License-Identifier: Apache-2.0

/// Where the pieces of each priority and rarity stand in the order of all.
///
/// A bucket is one rarity in one band, and a band one priority. Buckets stand one behind the other, with gaps between
/// them: what comes or goes fills or leaves a gap beside its bucket, and the others stay where they are. Only where a
/// bucket has no gap on either side do those between it and the nearest one move by a place.
///
/// One bit a bucket says which have pieces, one word a band, so that a walk visits no empty one: swarms have a dozen
/// rarities at a time, not the two hundred that there could be. Owner: `PieceOrder`.
struct RarityBuckets: Sendable {
    /// Rarities told apart: the bits of a band's word. Pieces more common than the last are all the same to us.
    static let levelCount = 64
    static let bandCount = 3
    static let count = bandCount * levelCount

    /// Ascending; an empty one stands wherever its neighbours leave room.
    private struct Place: Sendable {
        var start: UInt32 = 0
        var end: UInt32 = 0
    }

    private var places = [Place](repeating: Place(), count: count)
    private var occupied = [UInt64](repeating: 0, count: bandCount)
    /// Where the last bucket has to end.
    private let capacity: UInt32

    init(capacity: Int) { self.capacity = UInt32(truncatingIfNeeded: capacity) }

    // MARK: Looking

    /// The rarities that there are in a band, lowest first by bit.
    func levels(ofBand band: Int) -> UInt64 { occupied[band] }

    /// The places of a bucket.
    func range(_ bucket: Int) -> Range<Int> { Int(places[bucket].start)..<Int(places[bucket].end) }

    /// The places of a band, with the gaps between its buckets.
    func range(ofBand band: Int) -> Range<Int> {
        let levels = occupied[band]
        guard levels != 0 else { return 0..<0 }
        let first = band * Self.levelCount + levels.trailingZeroBitCount
        let last = band * Self.levelCount + 63 - levels.leadingZeroBitCount
        return Int(places[first].start)..<Int(places[last].end)
    }

    func first(_ bucket: Int) -> UInt32 { places[bucket].start }
    func last(_ bucket: Int) -> UInt32 { places[bucket].end - 1 }

    /// Where the room behind a bucket ends.
    private func limit(_ bucket: Int) -> UInt32 { bucket + 1 < Self.count ? places[bucket + 1].start : capacity }

    /// The nearest bucket from `bucket` on with a gap behind it, and the nearest one with a gap before it.
    func gaps(around bucket: Int) -> (behind: Int?, before: Int?) {
        for distance in 0..<Self.count {
            let up = bucket + distance
            if up < Self.count, places[up].end < limit(up) { return (up, nil) }
            let down = bucket - distance
            if down >= 0, places[down].start > (down > 0 ? places[down - 1].end : 0) { return (nil, down) }
        }
        return (nil, nil)
    }

    // MARK: Changing

    /// A bucket loses its first or last place, or gains the one before or behind.
    mutating func dropFirst(of bucket: Int) {
        places[bucket].start += 1
        note(bucket)
    }

    mutating func dropLast(of bucket: Int) {
        places[bucket].end -= 1
        note(bucket)
    }

    mutating func extendDown(_ bucket: Int) -> UInt32 {
        places[bucket].start -= 1
        note(bucket)
        return places[bucket].start
    }

    mutating func extendUp(_ bucket: Int) -> UInt32 {
        places[bucket].end += 1
        note(bucket)
        return places[bucket].end - 1
    }

    /// A bucket moves by one place.
    mutating func shift(_ bucket: Int, by step: Int32) {
        places[bucket].start = places[bucket].start &+ UInt32(bitPattern: step)
        places[bucket].end = places[bucket].end &+ UInt32(bitPattern: step)
    }

    /// Every bucket anew, by its number of pieces, with the room that is left spread over those that have any; returns
    /// where each begins.
    mutating func rebuild(_ counts: [UInt32]) -> [UInt32] {
        let total = counts.reduce(0, +)
        let spread = UInt32(truncatingIfNeeded: max(1, counts.count { $0 > 0 }))
        let gap = capacity > total ? (capacity - total) / spread : 0
        var starts = counts
        var cursor: UInt32 = 0
        for (bucket, count) in counts.enumerated() {
            starts[bucket] = cursor
            places[bucket] = Place(start: cursor, end: cursor + count)
            note(bucket)
            if count > 0 { cursor += count + gap }
        }
        return starts
    }

    private mutating func note(_ bucket: Int) {
        let bit: UInt64 = 1 << UInt64(bucket & 63)
        if places[bucket].start == places[bucket].end {
            occupied[bucket >> 6] &= ~bit
        } else {
            occupied[bucket >> 6] |= bit
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The range of each priority and level in the order of all pieces.
///
/// A band is a priority; a bucket is a level within a band. Buckets follow one another with gaps between them. A piece
/// that comes or goes fills or leaves a gap beside its bucket, and the other buckets stay in place. Only if a bucket
/// has no gap on either side, the buckets up to the nearest gap move by one place.
///
/// One word per band, with one bit per bucket, says which buckets have pieces, so that a walk skips empty ones. Swarms
/// typically have a dozen levels at a time, out of almost two hundred buckets. `PieceBuckets` owns it.
struct BucketRanges: Sendable {
    /// The number of levels per band, which is the number of bits in a word.
    static let levelCount = 64
    static let bandCount = 3
    static let count = bandCount * levelCount

    /// The range of a bucket. Ranges ascend; an empty one may be anywhere between its neighbours.
    private struct Place: Sendable {
        var start: UInt32 = 0
        var end: UInt32 = 0
    }

    private var places = [Place](repeating: Place(), count: count)
    private var occupied = [UInt64](repeating: 0, count: bandCount)
    /// The upper bound of the last bucket.
    private var capacity: UInt32

    init(capacity: Int) { self.capacity = UInt32(truncatingIfNeeded: capacity) }

    /// Makes room for more pieces, behind the last bucket.
    mutating func grow(to capacity: Int) { self.capacity = UInt32(truncatingIfNeeded: capacity) }

    // MARK: Looking

    /// Returns the levels that occur in a band, one per bit, the first lowest.
    func levels(ofBand band: Int) -> UInt64 { occupied[band] }

    /// Returns the places of a bucket.
    func range(_ bucket: Int) -> Range<Int> { Int(places[bucket].start)..<Int(places[bucket].end) }

    /// Returns the places of a band, including the gaps between its buckets.
    func range(ofBand band: Int) -> Range<Int> {
        let levels = occupied[band]
        guard levels != 0 else { return 0..<0 }
        let first = band * Self.levelCount + levels.trailingZeroBitCount
        let last = band * Self.levelCount + 63 - levels.leadingZeroBitCount
        return Int(places[first].start)..<Int(places[last].end)
    }

    func first(_ bucket: Int) -> UInt32 { places[bucket].start }
    func last(_ bucket: Int) -> UInt32 { places[bucket].end - 1 }

    /// Returns the end of the gap behind a bucket.
    private func limit(_ bucket: Int) -> UInt32 { bucket + 1 < Self.count ? places[bucket + 1].start : capacity }

    /// Returns the nearest bucket at or above `bucket` with a gap behind it, or the nearest at or below it with a gap
    /// before it, whichever is closer.
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

    /// Removes the first or last place of a bucket, or adds the place before or behind it.
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

    /// Moves a bucket by one place.
    mutating func shift(_ bucket: Int, by step: Int32) {
        places[bucket].start = places[bucket].start &+ UInt32(bitPattern: step)
        places[bucket].end = places[bucket].end &+ UInt32(bitPattern: step)
    }

    /// Lays out all buckets for the given numbers of pieces, and spreads the free places over the buckets that have
    /// any. Returns the start of each bucket.
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

// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The places of pieces in the order.
extension PieceBuckets {
    /// Sorts the order if it is stale: one pass to count, one to place.
    mutating func refresh() {
        guard isStale else { return }
        isStale = false
        work.add(2 * records.count)
        if own != nil { updateLevels() }
        var counts = [UInt32](repeating: 0, count: BucketRanges.count)
        counts.withUnsafeMutableBufferPointer { counts in
            if own == nil {
                for record in records where record.isPickable { counts[record.bucket] += 1 }
            } else {
                for index in records.indices where records[index].isPickable { counts[bucket(of: index)] += 1 }
            }
        }
        var cursors = ranges.rebuild(counts)
        cursors.withUnsafeMutableBufferPointer { placeAll(at: $0) }
    }

    /// Places each pickable piece at the cursor of its bucket.
    private mutating func placeAll(at cursors: UnsafeMutableBufferPointer<UInt32>) {
        let levels = levels
        records.withUnsafeMutableBufferPointer { records in
            order.withUnsafeMutableBufferPointer { order in
                order.update(repeating: Self.nobody)
                for index in records.indices where records[index].isPickable {
                    let record = records[index]
                    let bucket = levels.isEmpty ? record.bucket : record.firstBucket + Int(levels[index])
                    let place = cursors[bucket]
                    cursors[bucket] = place + 1
                    order[Int(place)] = UInt32(truncatingIfNeeded: index)
                    records[index].place = place
                }
            }
        }
    }

    mutating func put(_ piece: UInt32, at place: UInt32) {
        order[Int(place)] = piece
        records[Int(piece)].place = place
    }

    /// Swaps places with the last piece of the bucket.
    mutating func moveToLast(_ index: Int, of bucket: Int) {
        exchange(index, withPlace: ranges.last(bucket))
    }

    mutating func moveToFirst(_ index: Int, of bucket: Int) {
        exchange(index, withPlace: ranges.first(bucket))
    }

    private mutating func exchange(_ index: Int, withPlace place: UInt32) {
        let own = records[index].place
        guard own != place else { return }
        put(order[Int(place)], at: own)
        put(UInt32(truncatingIfNeeded: index), at: place)
    }

    mutating func remove(_ index: Int) {
        let own = bucket(of: index)
        moveToLast(index, of: own)
        order[Int(records[index].place)] = Self.nobody
        ranges.dropLast(of: own)
    }

    /// Inserts a piece behind or before its bucket. If neither place is free, shifts the buckets up to the nearest gap
    /// by one place first.
    mutating func insert(_ index: Int) {
        let own = bucket(of: index)
        let piece = UInt32(truncatingIfNeeded: index)
        switch ranges.gaps(around: own) {
        case (let behind?, _):
            for bucket in stride(from: behind, to: own, by: -1) { moveUp(bucket) }
            put(piece, at: ranges.extendUp(own))
        case (_, let before?):
            for bucket in before..<own { moveDown(bucket) }
            put(piece, at: ranges.extendDown(own))
        default: isStale = true  // cannot happen: there are as many places as pieces
        }
    }

    /// `moveUp` shifts a bucket one place up: its first piece moves behind its last. `moveDown` does the reverse.
    private mutating func moveUp(_ bucket: Int) {
        guard !ranges.range(bucket).isEmpty else { return ranges.shift(bucket, by: 1) }
        let hole = Int(ranges.first(bucket))
        put(order[hole], at: ranges.last(bucket) + 1)
        order[hole] = Self.nobody
        ranges.shift(bucket, by: 1)
    }

    private mutating func moveDown(_ bucket: Int) {
        guard !ranges.range(bucket).isEmpty else { return ranges.shift(bucket, by: -1) }
        let hole = Int(ranges.last(bucket))
        put(order[hole], at: ranges.first(bucket) - 1)
        order[hole] = Self.nobody
        ranges.shift(bucket, by: -1)
    }
}

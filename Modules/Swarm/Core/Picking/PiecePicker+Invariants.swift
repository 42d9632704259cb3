// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Invariants that hold between any two calls, for tests.
extension PiecePicker {
    /// Returns descriptions of the invariants that do not hold; empty if all hold. Slow: checks everything.
    package func brokenInvariants() -> [String] {
        var broken: [String] = []
        func check(_ holds: Bool, _ words: @autoclosure () -> String) {
            if !holds { broken.append(words()) }
        }
        checkOrder(check)
        checkOpen(check)
        checkRequests(check)
        check(
            open.byteCount <= limits.openByteCount || open.count <= limits.minOpenPieceCount,
            "\(open.byteCount) bytes open in \(open.count) pieces"
        )
        check(have.setCount == buckets.records.count { $0.state == .had }, "have differs from the pieces' states")
        return broken
    }

    private typealias Check = (Bool, @autoclosure () -> String) -> Void

    private func checkOrder(_ check: Check) {
        var pickableCount = 0
        for (index, record) in buckets.records.enumerated() {
            let bit = buckets.pickable[index >> 6] >> UInt64(index & 63) & 1 == 1
            check(bit == record.isPickable, "piece \(index): pickable bit \(bit), state \(record.state)")
            guard record.isPickable else { continue }
            pickableCount += 1
            guard !buckets.isStale else { continue }
            let place = Int(record.place)
            check(buckets.order[place] == index, "piece \(index) is not at its place \(place)")
            let range = buckets.ranges.range(buckets.bucket(of: index))
            check(range.contains(place), "piece \(index) is outside of its bucket")
        }
        check(pickableCount == buckets.pickableCount, "\(pickableCount) pickable, \(buckets.pickableCount) counted")
        guard !buckets.isStale else { return }
        let places = (0..<BucketRanges.count).map { buckets.ranges.range($0) }
        check(places.reduce(0) { $0 + $1.count } == pickableCount, "the buckets hold something else")
        check(zip(places, places.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }, "buckets overlap")
        check(places.last.map { $0.upperBound <= buckets.count } ?? true, "buckets end beyond the end")
        check(buckets.order.count { $0 != PieceBuckets.nobody } == pickableCount, "pieces stand outside of buckets")
    }

    private func checkOpen(_ check: Check) {
        var freeBlockCount = 0
        var byteCount = 0
        for slot in open.active {
            let piece = open.slots[slot]
            let first = open.firstBlock(of: slot)
            let blocks = open.blocks[first..<first + piece.blockCount]
            let free = blocks.count { $0.isFree }
            freeBlockCount += free
            byteCount += piece.byteCount
            check(openSlot(of: PieceIndex(piece.index)) == slot, "piece \(piece.index) does not know its slot")
            check(free == piece.freeCount, "piece \(piece.index): \(free) free, \(piece.freeCount) counted")
            check(blocks.count { $0.isReceived } == piece.receivedCount, "piece \(piece.index): received count")
            check(
                open.withFree.contains { $0.slot == slot } == (free > 0),
                "piece \(piece.index): listed with free blocks"
            )
            check(blocks.firstIndex { $0.isFree }.map { $0 - first >= piece.firstFree } ?? true, "first free block")
            check(blocks.reduce(0) { $0 + Int($1.requesterCount) } == piece.requestCount, "request count")
        }
        check(freeBlockCount == open.freeBlockCount, "\(freeBlockCount) free, \(open.freeBlockCount) counted")
        check(byteCount == open.byteCount, "\(byteCount) bytes open, \(open.byteCount) counted")
        check(buckets.records.count { $0.state == .open } == open.count, "open pieces differ from states")
    }

    private func checkRequests(_ check: Check) {
        var total = 0
        for slot in open.active {
            let first = open.firstBlock(of: slot)
            for block in first..<first + open.slots[slot].blockCount where !open.blocks[block].isReceived {
                var id = open.blocks[block].link
                var firm = 0
                var all = 0
                while id != OpenPieces.none {
                    check(Int(outstanding[id].block) == block, "a request in the list of another block")
                    firm += outstanding[id].isSoft ? 0 : 1
                    all += 1
                    id = outstanding[id].nextOfBlock
                }
                check(firm == Int(open.blocks[block].firmCount), "block \(block): firm requests")
                check(all == Int(open.blocks[block].requesterCount), "block \(block): requests")
                total += all
            }
        }
        check(total == outstanding.count, "\(total) requests of blocks, \(outstanding.count) in all")
        var byAge = 0
        var id = outstanding.oldest
        while id != OpenPieces.none {
            byAge += 1
            id = outstanding[id].nextByAge
        }
        check(byAge == total, "\(byAge) requests by age, \(total) by block")
    }
}

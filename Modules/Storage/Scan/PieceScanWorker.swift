// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// One thread of a scan: takes a few pieces at a time, reads slices of them in turn, and hashes these side by side.
///
/// Without SHA-1, the blocks of a single piece fill all lanes, so pieces are read one after the other.
struct PieceScanWorker<Scan: PieceScan>: ~Copyable {
    /// A piece being scanned.
    private struct Entry {
        let piece: PieceIndex
        let segments: [PieceSegment]
        /// What remains to be read, in reverse order.
        var rest: [PieceSegment]
        var isBegun = false
        /// Whether the outcome has been delivered.
        var isSettled = false

        init(piece: PieceIndex, segments: [PieceSegment]) {
            self.piece = piece
            self.segments = segments
            rest = segments.reversed()
        }

        /// Removes and returns the next part, of at most `limit` bytes; nil at the end.
        mutating func nextPart(_ limit: Int) -> PieceSegment? {
            while let segment = rest.popLast() {
                var segment = segment
                let part = segment.removeFirst(limit)
                if segment.byteCount > 0 { rest.append(segment) }
                if part.byteCount > 0 { return part }
            }
            return nil
        }
    }

    private let scan: Scan
    private let stop: StopFlag
    private let plan: ScanPlan
    private let buffer: UnsafeMutableRawBufferPointer
    private var reader: Scan.Reader
    private var hasher: PieceHasher
    private var entries: [Entry] = []

    init(_ scan: Scan, plan: ScanPlan, stop: StopFlag) {
        self.scan = scan
        self.stop = stop
        self.plan = plan
        buffer = .allocate(byteCount: plan.bufferByteCount, alignment: ScanLimits.bufferAlignment)
        reader = scan.makeReader()
        hasher = PieceHasher(pieceCount: plan.batchCount)
    }

    deinit { buffer.deallocate() }

    /// Scans `pieces`, at most as many as the plan allows at once.
    mutating func scan(_ pieces: [PieceIndex]) {
        entries = pieces.map { Entry(piece: $0, segments: scan.layout.segments(of: $0, geometry: scan.geometry)) }
        hasher.begin(pieces.map { scan.recipe(for: $0) })
        while readRound() { hasher.run() }
        guard !stop.isRaised else { return }
        for (entry, digests) in zip(entries, hasher.finish()) where !entry.isSettled {
            scan.handle(.hashed(digests), of: entry.piece, segments: entry.segments)
        }
    }

    /// Reads the next slices; returns false once everything is read.
    private mutating func readRound() -> Bool {
        var used = 0
        for slot in entries.indices where begin(slot) {
            let room = min(plan.sliceByteCount, buffer.count - used) / Block.byteCount * Block.byteCount
            if room == 0 { break }
            let slice = UnsafeMutableRawBufferPointer(rebasing: buffer[used..<used + room])
            let count = read(slot, into: slice)
            hasher.append(UnsafeRawBufferPointer(rebasing: slice[..<count]), to: slot)
            used += (count + ScanLimits.bufferAlignment - 1) / ScanLimits.bufferAlignment * ScanLimits.bufferAlignment
        }
        return used > 0 && !stop.isRaised
    }

    /// Whether there is more to read of a piece. Results of other pieces may make it unnecessary to start.
    private mutating func begin(_ slot: Int) -> Bool {
        let entry = entries[slot]
        guard !entry.isSettled, !entry.rest.isEmpty else { return false }
        if !entry.isBegun, scan.skips(entry.piece, segments: entry.segments) {
            settle(slot, as: .skipped)
            return false
        }
        entries[slot].isBegun = true
        return true
    }

    /// Returns the number of bytes read; 0 if reading fails.
    private mutating func read(_ slot: Int, into slice: UnsafeMutableRawBufferPointer) -> Int {
        var done = 0
        while !stop.isRaised, done < slice.count, let part = entries[slot].nextPart(slice.count - done) {
            do throws(StorageError) {
                try reader.read(part, into: .init(rebasing: slice[done..<done + part.byteCount]))
            } catch {
                settle(slot, as: .failed(error, at: part))
                return 0
            }
            done += part.byteCount
        }
        return done
    }

    private mutating func settle(_ slot: Int, as outcome: PieceScanOutcome) {
        hasher.forget(slot)
        entries[slot].isSettled = true
        scan.handle(outcome, of: entries[slot].piece, segments: entries[slot].segments)
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// One record of a resume journal, encoded as docs/RESUME.md describes.
enum ResumeRecord: Hashable, Sendable {
    /// A process opened the journal during this boot of the system.
    case opened(BootID)
    /// Pieces are verified and written.
    case verified(PieceRuns)
    /// Pieces are wrong or gone.
    case lost(PieceRuns)
    /// Verified pieces must be hashed again.
    case suspect(PieceRuns)
    /// Verified pieces would survive a power cut.
    case flushed(PieceRuns)
    /// The complete state of all pieces at this point.
    case snapshot(verified: Bitfield, suspects: Bitfield, unflushed: Bitfield)
    /// The facts of files.
    case facts([Int: FileFacts])
    /// The totals.
    case totals(ResumeTotals)
    /// The files were closed after their last write.
    case closed
    /// The inodes of files that we are about to create.
    case made([Int: UInt64])
    /// There are so many pieces from here on: of content that grows.
    case grown(pieceCount: Int)

    fileprivate enum Kind: UInt8 {
        case opened = 1
        case verified, lost, suspect, flushed, snapshot, facts, totals, closed, made, grown
    }

    /// The encoded record; its first byte is the kind.
    var bytes: [UInt8] {
        var out = ByteWriter()
        switch self {
        case .opened(let boot):
            out.put(Kind.opened.rawValue)
            out.put(boot.bytes)
        case .verified(let runs): out.put(.verified, runs)
        case .lost(let runs): out.put(.lost, runs)
        case .suspect(let runs): out.put(.suspect, runs)
        case .flushed(let runs): out.put(.flushed, runs)
        case .snapshot(let verified, let suspects, let unflushed):
            out.put(Kind.snapshot.rawValue)
            for set in [verified, suspects, unflushed] { out.put(set.wireBytes) }
        case .facts(let facts):
            out.put(Kind.facts.rawValue)
            for (file, facts) in facts.sorted(by: { $0.key < $1.key }) { out.put(file, facts) }
        case .totals(let totals):
            out.put(Kind.totals.rawValue)
            out.put(totals.uploadedBytes)
            out.put(totals.downloadedBytes)
            out.put(totals.addedSeconds)
        case .closed: out.put(Kind.closed.rawValue)
        case .made(let files):
            out.put(Kind.made.rawValue)
            for (file, inode) in files.sorted(by: { $0.key < $1.key }) {
                out.put(UInt32(truncatingIfNeeded: file))
                out.put(inode)
            }
        case .grown(let pieceCount):
            out.put(Kind.grown.rawValue)
            out.put(UInt32(truncatingIfNeeded: pieceCount))
        }
        return out.bytes
    }

    /// Returns nil if `bytes` are not a record of a torrent with this many pieces.
    init?(_ bytes: ArraySlice<UInt8>, pieceCount: Int) {
        var input = ByteReader(bytes)
        guard let kind = input.next(UInt8.self).flatMap(Kind.init(rawValue:)) else { return nil }
        switch kind {
        case .opened:
            guard let boot = input.next(count: BootID.byteCount) else { return nil }
            self = .opened(BootID(bytes: Array(boot)))
        case .verified, .lost, .suspect, .flushed:
            guard let runs = input.nextRuns(pieceCount: pieceCount) else { return nil }
            self =
                switch kind {
                case .verified: .verified(runs)
                case .lost: .lost(runs)
                case .suspect: .suspect(runs)
                default: .flushed(runs)
                }
        case .snapshot:
            guard let verified = input.nextBitfield(pieceCount), let suspects = input.nextBitfield(pieceCount),
                let unflushed = input.nextBitfield(pieceCount)
            else { return nil }
            self = .snapshot(verified: verified, suspects: suspects, unflushed: unflushed)
        case .facts:
            guard let facts = input.nextFacts() else { return nil }
            self = .facts(facts)
        case .totals:
            var totals = ResumeTotals()
            guard let up = input.next(UInt64.self), let down = input.next(UInt64.self),
                let added = input.next(Int64.self)
            else { return nil }
            (totals.uploadedBytes, totals.downloadedBytes, totals.addedSeconds) = (up, down, added)
            self = .totals(totals)
        case .closed: self = .closed
        case .made:
            guard let files = input.nextMade() else { return nil }
            self = .made(files)
        case .grown:
            guard let count = input.next(UInt32.self), count <= StorageLimits.grownPieces, count >= pieceCount else {
                return nil
            }
            self = .grown(pieceCount: Int(count))
        }
        guard input.isAtEnd else { return nil }
    }

    /// Splits facts into as many records as needed.
    static func records(of facts: [Int: FileFacts]) -> [ResumeRecord] { parts(of: facts).map { .facts($0) } }

    /// Splits the inodes of created files into as many records as needed.
    static func records(ofMade made: [Int: UInt64]) -> [ResumeRecord] { parts(of: made).map { .made($0) } }

    private static func parts<Value>(of all: [Int: Value]) -> [[Int: Value]] {
        let sorted = all.sorted { $0.key < $1.key }
        return stride(from: 0, to: sorted.count, by: StorageLimits.factsPerRecord).map { start in
            let part = sorted[start..<min(start + StorageLimits.factsPerRecord, sorted.count)]
            return Dictionary(part.map { ($0.key, $0.value) }) { $1 }
        }
    }

    /// Whether the record must be on disk before anything relies on it: otherwise a power cut could bring back a lost
    /// piece.
    var isUrgent: Bool {
        switch self {
        case .lost, .suspect, .closed: true
        default: false
        }
    }
}

extension ByteWriter {
    fileprivate mutating func put(_ kind: ResumeRecord.Kind, _ runs: PieceRuns) {
        put(kind.rawValue)
        for run in runs.runs {
            put(run.lowerBound)
            put(UInt32(run.count))
        }
    }

    fileprivate mutating func put(_ file: Int, _ facts: FileFacts) {
        put(UInt32(truncatingIfNeeded: file))
        put(UInt64(truncatingIfNeeded: facts.size))
        put(facts.modifiedNanoseconds)
        put(facts.isFinished ? 1 : 0 as UInt8)
    }
}

extension ByteReader {
    fileprivate mutating func nextRuns(pieceCount: Int) -> PieceRuns? {
        var runs: [Range<UInt32>] = []
        while !isAtEnd {
            guard let first = next(UInt32.self), let count = next(UInt32.self) else { return nil }
            let (end, overflow) = first.addingReportingOverflow(count)
            guard !overflow, Int(end) <= pieceCount else { return nil }
            runs.append(first..<end)
        }
        return PieceRuns(runs: runs)
    }

    fileprivate mutating func nextBitfield(_ pieceCount: Int) -> Bitfield? {
        guard let bytes = next(count: (pieceCount + 7) / 8) else { return nil }
        return Bitfield(wire: bytes, count: pieceCount)
    }

    fileprivate mutating func nextFacts() -> [Int: FileFacts]? {
        var all: [Int: FileFacts] = [:]
        while !isAtEnd {
            guard let file = next(UInt32.self), let size = next(UInt64.self), let modified = next(Int64.self),
                let isFinished = next(UInt8.self), let size = Int(exactly: size), isFinished <= 1
            else { return nil }
            all[Int(file)] = FileFacts(size: size, modifiedNanoseconds: modified, isFinished: isFinished == 1)
        }
        return all
    }

    fileprivate mutating func nextMade() -> [Int: UInt64]? {
        var all: [Int: UInt64] = [:]
        while !isAtEnd {
            guard let file = next(UInt32.self), let inode = next(UInt64.self) else { return nil }
            all[Int(file)] = inode
        }
        return all
    }
}

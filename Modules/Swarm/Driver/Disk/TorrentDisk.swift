// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheStorage
package import RucheWire

/// The blocking half of one torrent: verifies pieces, stores them, reads blocks. Every call is made on a pool thread.
///
/// The order that makes crashes harmless is here: a piece is verified, written, recorded in the journal, and only then
/// reported; thus everything in the bitfield is on the disk.
package final class TorrentDisk: Sendable {
    /// The name of the content, for messages.
    let name: String
    let store: any PieceStore
    let abilities: StoreAbilities
    let padding: PaddingFilter
    let journal: ResumeJournal?
    let unflushed: Locked<UnflushedPieces>
    private let judging: Locked<PieceJudging>
    private let completion: Locked<FileCompletion>
    private let growth: Locked<DiskGrowth>

    init(
        info: TorrentInfo,
        store: any PieceStore,
        journal: ResumeJournal?,
        judging: PieceJudging,
        have: Bitfield
    ) {
        name = info.name
        self.store = store
        abilities = store.abilities
        padding = PaddingFilter(info)
        self.journal = journal
        self.judging = Locked(judging)
        completion = Locked(FileCompletion(info, have: have))
        unflushed = Locked(UnflushedPieces(journal?.state.unflushed))
        growth = Locked(DiskGrowth(info.geometry))
    }

    /// Creates the disk of content that is not a torrent, and may grow.
    package init(content seed: ContentSeed, store: any PieceStore, journal: ResumeJournal? = nil) {
        name = "\(seed.name)"
        self.store = store
        abilities = store.abilities
        padding = PaddingFilter()
        self.journal = journal
        judging = Locked(PieceJudging(seed.verifier))
        completion = Locked(FileCompletion())
        unflushed = Locked(UnflushedPieces(journal?.state.unflushed))
        growth = Locked(DiskGrowth(seed.shape))
    }

    /// A torrent without a resume journal, judged by its own hashes.
    package convenience init(
        info: TorrentInfo,
        store: any PieceStore,
        layers: [SHA256Digest: [SHA256Digest]],
        have: Bitfield
    ) {
        let judging = PieceJudging(layers: layers) { info.makeVerifier(layers: $0) }
        self.init(info: info, store: store, journal: nil, judging: judging, have: have)
    }

    /// How the content is divided into pieces now.
    var geometry: PieceGeometry { growth.withLock { $0.geometry } }

    /// Adopts a new shape: from now on pieces are verified by `verifier`. Does not block.
    func reshape(_ shape: ContentShape, _ verifier: any PieceVerifier) {
        judging.withLock { $0.handleVerifier(verifier) }
        growth.withLock { $0.handleShape(shape) }
    }

    /// Lets the store make room for grown content, and drop trimmed pieces.
    func followShape() throws(StorageError) {
        try growth.withLock { growth throws(StorageError) in try growth.follow(with: abilities, journal) }
    }

    /// Handles piece layers that have arrived from peers: later verdicts depend on them. Does not block.
    func learn(_ layers: [SHA256Digest: [SHA256Digest]]) { judging.withLock { $0.handleLayers(layers) } }

    /// The current verifier of pieces. Called on a pool thread, because it may take time proportional to the number of
    /// files.
    var currentVerifier: any PieceVerifier {
        judging.withLock { judging in
            judging.update()
            return judging.verifier
        }
    }

    /// Handles a recheck that found exactly these pieces: incomplete files will be finished again.
    func handleRechecked(_ found: Bitfield) { completion.withLock { $0.handleRechecked(found) } }

    /// Returns whether complete pieces are correct.
    func verdicts(on batch: [JudgeRequest]) -> [PieceVerdict] {
        currentVerifier.verdicts(on: batch.map { PieceChunks(piece: $0.piece, chunks: $0.data.chunks) })
    }

    /// Stores the correct pieces.
    func keep(_ batch: [HashedPiece]) -> KeptPieces {
        do throws(StorageError) { try followShape() } catch { return KeptPieces(batch, failing: error) }
        var kept = KeptPieces(judged: batch.map { keep($0.request, as: $0.verdict) })
        let stored = kept.judged.filter(\.isStored).map(\.piece)
        unflushed.withLock { $0.handleStored(stored) }
        do throws(StorageError) {
            if !stored.isEmpty { try journal?.append(verified: stored) }
        } catch {
            for index in kept.judged.indices where kept.judged[index].isStored {
                kept.judged[index].handleFailure(error)
            }
            return kept
        }
        kept.settled = finish(completion.withLock { completion in stored.flatMap { completion.handleStored($0) } })
        let lost = Set(kept.settled.lost)
        for index in kept.judged.indices where kept.judged[index].isStored && lost.contains(kept.judged[index].piece) {
            kept.judged[index].handleFailure(.lostAgain(in: name))
        }
        return kept
    }

    private func keep(_ request: JudgeRequest, as verdict: PieceVerdict) -> JudgedPiece {
        var judged = JudgedPiece(piece: request.piece, outcome: .unknown)
        switch verdict {
        case .right:
            judged.outcome = .stored(digests: request.wantsDigests ? request.data.blockDigests : [])
            do throws(StorageError) {
                try padding.write(store, piece: request.piece, offset: 0, chunks: request.data.chunks)
            } catch {
                judged.handleFailure(error)
            }
        case .wrong(let leaves):
            let digests = leaves.isEmpty ? request.data.blockDigests : leaves
            judged.outcome = .wrong(digests: digests, areLeaves: !leaves.isEmpty)
        case .unknown: break
        case .disagreement: judged.outcome = .disagreement
        }
        return judged
    }

    /// Returns bytes of a stored piece.
    func read(_ piece: PieceIndex, offset: Int, count: Int) throws(StorageError) -> [UInt8] {
        var failure: StorageError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            do throws(StorageError) {
                let part = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count])
                try padding.read(store, piece: piece, offset: offset, into: [part])
                initializedCount = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Returns the leaf hashes of a stored piece (BEP 52), for a peer that requests them.
    func leaves(of piece: PieceIndex) throws(StorageError) -> [SHA256Digest] {
        var hasher = MerkleHasher()
        var leaves: [SHA256Digest] = []
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: Block.byteCount, alignment: 64)
        defer { block.deallocate() }
        let byteCount = geometry.dataByteCount(of: piece)
        for offset in stride(from: 0, to: byteCount, by: Block.byteCount) {
            let part = UnsafeMutableRawBufferPointer(rebasing: block[..<min(Block.byteCount, byteCount - offset)])
            try padding.read(store, piece: piece, offset: offset, into: [part])
            leaves.append(hasher.leaf(UnsafeRawBufferPointer(part)))
        }
        return leaves
    }

    /// Reads a piece that we claim to have, and compares it with its hashes. Throws if it is missing or wrong.
    func examine(_ piece: PieceIndex) throws(StorageError) {
        let byteCount = geometry.dataByteCount(of: piece)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
        defer { bytes.deallocate() }
        try padding.read(store, piece: piece, offset: 0, into: [bytes])
        if case .wrong = currentVerifier.verdict(on: piece, chunks: [UnsafeRawBufferPointer(bytes)]) {
            throw StorageError(
                .changed,
                operation: "read",
                path: name,
                reason: "piece \(piece) is not what it was"
            )
        }
    }

    /// Closes everything. The journal records a clean shutdown.
    func close(_ totals: ResumeTotals) throws(StorageError) {
        defer { store.close() }
        guard let journal else { return try store.flush() }
        try journal.append(totals: totals)
        try journal.close(flushing: store, facts: abilities.files?.allFacts() ?? [:])
    }

    /// Records that pieces are lost.
    func forget(_ pieces: [PieceIndex]) throws(StorageError) {
        unflushed.withLock { $0.handleLost(pieces) }
        try journal?.append(lost: pieces)
    }
}

// MARK: - Files

extension TorrentDisk {
    /// Renames every complete file to its final name, if necessary, and checks that it exists.
    ///
    /// `onlyUnfinished`: only those without their final names.
    func settleFiles(onlyUnfinished: Bool) -> SettledFiles {
        var files = completion.withLock { $0.complete }
        if onlyUnfinished, let facts = try? abilities.files?.allFacts() {
            files.removeAll { facts[$0]?.isFinished ?? true }
        }
        return finish(files)
    }

    /// Whether the store has noticed anything that has not been reported.
    var hasNotices: Bool { abilities.claims?.hasNotices ?? false }

    /// Finishes `files`, and records what was noticed: lost pieces are lost in the journal before they are reported.
    /// `gone`: pieces that the disk did not keep.
    func finish(_ files: [Int], lost gone: [PieceIndex] = []) -> SettledFiles {
        var settled = SettledFiles()
        do throws(StorageError) {
            try noteFinished(files)
        } catch {
            // It is among the notices.
            if error.code != .lost { settled.failure = error }
        }
        settled.notices = abilities.claims?.takeNotices() ?? []
        if let first = gone.first {
            let words = "\(gone.count) pieces of \(name) were not kept by the disk, from piece \(first) on"
            settled.notices.append(StoreNotice(lost: first.int..<first.int + 1, words: words))
        }
        settled.lost = Set(gone + settled.notices.flatMap { $0.lost.map { PieceIndex($0) } }).sorted()
        guard !settled.lost.isEmpty else { return settled }
        unflushed.withLock { $0.handleLost(settled.lost) }
        completion.withLock { completion in for piece in settled.lost { completion.handleLost(piece) } }
        do throws(StorageError) { try journal?.append(lost: settled.lost) } catch { settled.failure = error }
        return settled
    }

    private func noteFinished(_ files: [Int]) throws(StorageError) {
        guard let store = abilities.files, !files.isEmpty else { return }
        var facts: [Int: FileFacts] = [:]
        var failure: StorageError?
        for file in files {
            do throws(StorageError) {
                try store.finish(file: file)
                facts[file] = try store.facts(file: file)
            } catch {
                // The others can still be finished.
                if failure == nil || failure?.code == .lost { failure = error }
            }
        }
        try journal?.append(facts: facts)
        if let failure { throw failure }
    }
}

extension StorageError {
    /// For a piece whose file was found to be gone in the same batch.
    fileprivate static func lostAgain(in name: String) -> StorageError {
        StorageError(.lost, operation: "keep", path: name, reason: "its file is gone")
    }
}

/// The outcome of a batch.
struct KeptPieces: Sendable {
    var judged: [JudgedPiece]
    var settled = SettledFiles()

    init(judged: [JudgedPiece]) { self.judged = judged }

    /// Creates the outcome if none of `batch` could be stored.
    init(_ batch: [HashedPiece], failing error: StorageError) {
        judged = batch.map { hashed in
            var piece = JudgedPiece(piece: hashed.request.piece, outcome: .notStored)
            piece.handleFailure(error)
            return piece
        }
    }
}

/// The outcome for files.
struct SettledFiles: Sendable {
    /// What was noticed about them.
    var notices: [StoreNotice] = []
    /// Lost pieces.
    var lost: [PieceIndex] = []
    /// Why a file could not be finished.
    var failure: StorageError?
}

/// The outcome of one piece of a batch.
struct JudgedPiece: Sendable {
    let piece: PieceIndex
    var outcome: PieceOutcome
    /// Why it could not be stored.
    private(set) var failure: StorageError?

    init(piece: PieceIndex, outcome: PieceOutcome) {
        self.piece = piece
        self.outcome = outcome
    }

    var isStored: Bool { if case .stored = outcome { true } else { false } }

    mutating func handleFailure(_ error: StorageError) {
        outcome = .notStored
        failure = error
    }
}

extension PieceData {
    /// The SHA-256 of each block: leaf hashes if the torrent has them, otherwise only to distinguish blocks.
    var blockDigests: [SHA256Digest] {
        var hasher = MerkleHasher()
        var leaves: [SHA256Digest] = []
        for chunk in chunks { hasher.appendLeaves(of: chunk, to: &leaves) }
        return leaves
    }
}

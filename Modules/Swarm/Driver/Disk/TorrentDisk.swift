// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheStorage
internal import RucheWire
internal import Synchronization

/// The blocking half of one torrent: judges pieces, stores them, reads blocks. Every call is made on a pool thread.
///
/// The order that keeps a crash harmless stands here: a piece is judged, written, noted in the journal, and only then
/// reported; so what the bitfield claims is on the disk.
final class TorrentDisk: Sendable {
    let info: TorrentInfo
    let store: any PieceStore
    private let journal: ResumeJournal?
    private let verifier: Mutex<any PieceDigestVerifier>
    private let completion: Mutex<FileCompletion>

    init(
        info: TorrentInfo,
        store: any PieceStore,
        journal: ResumeJournal?,
        verifier: any PieceDigestVerifier,
        have: Bitfield
    ) {
        self.info = info
        self.store = store
        self.journal = journal
        self.verifier = Mutex(verifier)
        completion = Mutex(FileCompletion(info, have: have))
    }

    /// Piece layers have arrived from peers: judge by them from now on.
    func setVerifier(_ new: any PieceDigestVerifier) { verifier.withLock { $0 = new } }

    /// What pieces are judged by now.
    var currentVerifier: any PieceDigestVerifier { verifier.withLock { $0 } }

    /// A recheck has found just these pieces: files that lack some are to be finished again.
    func handleRechecked(_ found: Bitfield) { completion.withLock { $0 = FileCompletion(info, have: found) } }

    /// Whether complete pieces are right.
    func verdicts(on batch: [JudgeRequest]) -> [PieceVerdict] {
        currentVerifier.verdicts(on: batch.map { PieceChunks(piece: $0.piece, chunks: $0.data.chunks) })
    }

    /// Stores those pieces that are right.
    func keep(_ batch: [HashedPiece]) -> [JudgedPiece] {
        var judged = batch.map { keep($0.request, as: $0.verdict) }
        do throws(StorageError) {
            try noteStored(judged.filter(\.isStored).map(\.piece))
        } catch {
            for index in judged.indices where judged[index].isStored { judged[index].handleFailure(error) }
        }
        return judged
    }

    private func keep(_ request: JudgeRequest, as verdict: PieceVerdict) -> JudgedPiece {
        var judged = JudgedPiece(piece: request.piece, outcome: .unknown)
        switch verdict {
        case .right:
            judged.outcome = .stored(digests: request.wantsDigests ? request.data.blockDigests : [])
            do throws(StorageError) {
                try store.write(piece: request.piece, offset: 0, chunks: request.data.chunks)
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

    private func noteStored(_ pieces: [PieceIndex]) throws(StorageError) {
        guard !pieces.isEmpty else { return }
        try journal?.append(verified: pieces)
        for piece in pieces { try finishFiles(completedBy: piece) }
    }

    /// The leaves of a stored piece (BEP 52), for a peer that asks for them.
    func leaves(of piece: PieceIndex) throws(StorageError) -> [SHA256Digest] {
        var hasher = MerkleHasher()
        var leaves: [SHA256Digest] = []
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: Block.byteCount, alignment: 64)
        defer { block.deallocate() }
        let byteCount = info.geometry.dataByteCount(of: piece)
        for offset in stride(from: 0, to: byteCount, by: Block.byteCount) {
            let part = UnsafeMutableRawBufferPointer(rebasing: block[..<min(Block.byteCount, byteCount - offset)])
            try store.read(piece: piece, offset: offset, into: part)
            leaves.append(hasher.leaf(UnsafeRawBufferPointer(part)))
        }
        return leaves
    }

    /// Reads a piece that we claim to have, and compares it with its hashes: throws where it is not there.
    func examine(_ piece: PieceIndex) throws(StorageError) {
        let byteCount = info.geometry.dataByteCount(of: piece)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
        defer { bytes.deallocate() }
        try store.read(piece: piece, offset: 0, into: bytes)
        if case .wrong = currentVerifier.verdict(on: piece, chunks: [UnsafeRawBufferPointer(bytes)]) {
            throw StorageError(
                .changed,
                operation: "read",
                path: info.name,
                reason: "piece \(piece) is not what it was"
            )
        }
    }

    /// After this, a power cut costs nothing that was stored before it.
    func checkpoint() throws(StorageError) {
        if let journal { try journal.checkpoint(flushing: store) } else { try store.flush() }
    }

    /// Lets go of everything. The journal notes that nothing was left undone.
    func close(_ totals: ResumeTotals) throws(StorageError) {
        defer { store.close() }
        guard let journal else { return try store.flush() }
        try journal.append(totals: totals)
        try journal.close(flushing: store, facts: (store as? FileStore)?.allFacts() ?? [:])
    }

    /// Notes that a piece is no longer there.
    func forget(_ pieces: [PieceIndex]) throws(StorageError) { try journal?.append(lost: pieces) }

    private func finishFiles(completedBy piece: PieceIndex) throws(StorageError) {
        let finished = completion.withLock { $0.handleStored(piece) }
        guard let files = store as? FileStore, !finished.isEmpty else { return }
        var facts: [Int: FileFacts] = [:]
        for file in finished {
            try files.finish(file: file)
            facts[file] = try files.facts(file: file)
        }
        try journal?.append(facts: facts)
    }
}

/// What became of one piece of a batch.
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
    /// SHA-256 of each block: leaves where the torrent has such, and else only something to tell blocks apart by.
    var blockDigests: [SHA256Digest] {
        var hasher = MerkleHasher()
        var leaves: [SHA256Digest] = []
        for chunk in chunks { hasher.appendLeaves(of: chunk, to: &leaves) }
        return leaves
    }
}

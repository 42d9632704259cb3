// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
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

    /// Judges a complete piece and stores it if it is right.
    func judge(_ piece: PieceIndex, _ data: PieceData, wantsDigests: Bool) throws(StorageError) -> PieceOutcome {
        switch currentVerifier.verdict(on: piece, chunks: data.chunks) {
        case .right: break
        case .wrong(let leaves):
            return .wrong(digests: leaves.isEmpty ? data.blockDigests : leaves, areLeaves: !leaves.isEmpty)
        case .unknown: return .unknown
        case .disagreement: return .disagreement
        }
        try store.write(piece: piece, offset: 0, chunks: data.chunks)
        try journal?.append(verified: [piece])
        try finishFiles(completedBy: piece)
        return .stored(digests: wantsDigests ? data.blockDigests : [])
    }

    /// Lays out the blocks one after the other, each behind the header of its `piece` message. Blocks that are
    /// neighbours are one read.
    func read(_ blocks: [BlockRequest], into buffer: inout ByteBuffer) throws(StorageError) {
        buffer.reserveCapacity(blocks.reduce(0) { $0 + $1.messageByteCount })
        for block in blocks {
            block.encodeBlockHeader(into: &buffer)
            buffer.moveWriterIndex(forwardBy: Int(block.length))
        }
        var failure: StorageError?
        buffer.withUnsafeMutableReadableBytes { bytes in
            do throws(StorageError) { try read(blocks, behindHeadersIn: bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private func read(
        _ blocks: [BlockRequest],
        behindHeadersIn bytes: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        var chunks: [UnsafeMutableRawBufferPointer] = []
        chunks.reserveCapacity(blocks.count)
        var position = 0
        var first = 0
        for (index, block) in blocks.enumerated() {
            let end = position + block.messageByteCount
            let payload = bytes[position + BlockRequest.blockHeaderByteCount..<end]
            chunks.append(UnsafeMutableRawBufferPointer(rebasing: payload))
            position = end
            if index + 1 < blocks.count, block.isFollowed(by: blocks[index + 1]) { continue }
            try store.read(piece: blocks[first].piece, offset: Int(blocks[first].offset), into: chunks)
            chunks.removeAll(keepingCapacity: true)
            first = index + 1
        }
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

extension BlockRequest {
    /// Bytes of the `piece` message that answers it.
    var messageByteCount: Int { Self.blockHeaderByteCount + Int(length) }

    /// Whether `next` begins where this one ends.
    fileprivate func isFollowed(by next: BlockRequest) -> Bool {
        piece == next.piece && UInt64(offset) + UInt64(length) == next.offset
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

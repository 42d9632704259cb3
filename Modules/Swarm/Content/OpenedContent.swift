// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheWire

/// A content's store, opened on a pool thread, and the pieces that it already has.
struct OpenedContent: Sendable {
    let disk: TorrentDisk
    let have: Bitfield

    /// Trusts the pieces that the store vouches for or that the record at `resumePath` names, and verifies the others
    /// that may exist.
    init(_ seed: ContentSeed, _ store: any PieceStore, resumePath: String?) throws(StorageError) {
        let geometry = seed.shape.geometry
        let identity = ResumeIdentity(hashes: seed.hashes, pieceCount: 0)
        let journal = try resumePath.map { path throws(StorageError) in try ResumeJournal.open(path, for: identity) }
        do throws(StorageError) {
            try journal?.append(grownTo: geometry.pieceCount)
            try store.abilities.growth?.grow(to: geometry)
            have = try Self.findPieces(seed, store, journal)
        } catch {
            journal?.abandon()
            throw error
        }
        disk = TorrentDisk(content: seed, store: store, journal: journal)
    }

    private static func findPieces(
        _ seed: ContentSeed,
        _ store: any PieceStore,
        _ journal: ResumeJournal?
    ) throws(StorageError) -> Bitfield {
        let pieceCount = seed.shape.pieceCount
        if let vouching = store.abilities.vouching { return try vouching.vouchedPieces().resized(to: pieceCount) }
        let state = journal?.state
        var have = state?.verified.resized(to: pieceCount) ?? Bitfield(count: pieceCount)
        for index in 0..<seed.shape.firstPiece { have.remove(PieceIndex(index)) }
        var found: [PieceIndex] = []
        for index in seed.shape.firstPiece..<pieceCount where !have[PieceIndex(index)] {
            let piece = PieceIndex(index)
            // A piece that the journal does not name was never stored.
            let isPossible = state.map { $0.isFresh || $0.suspects[piece] } ?? true
            if isPossible, seed.isRight(piece, in: store) { found.append(piece) }
        }
        try journal?.append(verified: found)
        for piece in found { have.insert(piece) }
        return have
    }
}

extension ContentSeed {
    fileprivate func isRight(_ piece: PieceIndex, in store: any PieceStore) -> Bool {
        var bytes = [UInt8](repeating: 0, count: shape.geometry.byteCount(of: piece))
        return bytes.withUnsafeMutableBytes { bytes in
            guard (try? store.read(piece: piece, offset: 0, into: bytes)) != nil else { return false }
            return verifier.verdict(on: piece, chunks: [UnsafeRawBufferPointer(bytes)]) == .right
        }
    }
}

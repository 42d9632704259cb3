// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// Collects the hashes of a new torrent from several threads.
final class SourceHashes: Sendable {
    private struct State {
        /// The v1 piece hashes; empty for v2 only.
        var sha1: [SHA1Digest]
        /// For each piece, its node in the hash tree of its file; empty for v1 only.
        var nodes: [SHA256Digest]
        var error: StorageError?
    }

    private let state: Locked<State>
    /// By index in the layout; nil for padding, and for files without a tree.
    private let trees: [FileTree?]

    init(files: [FileEntry], geometry: PieceGeometry, format: TorrentFormat) {
        let count = geometry.pieceCount
        state = Locked(
            State(
                sha1: Array(repeating: SHA1Digest(), count: format == .v2 ? 0 : count),
                nodes: Array(repeating: SHA256Digest(), count: format == .v1 ? 0 : count)
            )
        )
        trees = files.map { file in
            guard format != .v1, !file.isPadding else { return nil }
            return FileTree(byteCount: file.size, pieceLength: geometry.pieceLength)
        }
    }

    /// The first error that stopped a thread.
    var error: StorageError? { state.withLock { $0.error } }

    /// Stores the digests of one piece, which lies in `segments`.
    func insert(_ digests: PieceDigests, of piece: PieceIndex, in segments: [PieceSegment]) {
        // Joining leaves is hashing as well, so it happens outside the lock.
        let node = segments.first.flatMap { trees[$0.file] }?.pieceRoot(ofLeaves: digests.leaves)
        state.withLock { state in
            if let sha1 = digests.sha1 { state.sha1[piece.int] = sha1 }
            if let node { state.nodes[piece.int] = node }
        }
    }

    /// Records an error, unless there is one already.
    func insert(_ error: StorageError) {
        state.withLock { $0.error = $0.error ?? error }
    }

    /// The concatenated v1 piece hashes; empty for v2 only.
    var pieceHashes: [UInt8] {
        state.withLock { state in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(state.sha1.count * SHA1Digest.byteCount)
            for digest in state.sha1 { digest.withUnsafeBytes { bytes.append(contentsOf: $0) } }
            return bytes
        }
    }

    /// Returns the root and the piece layer of the file at index `place` of the layout, which begins at `firstPiece`;
    /// nil for a file without a tree. A file of at most one piece has no layer.
    func tree(of place: Int, firstPiece: Int) -> (root: SHA256Digest, layer: [SHA256Digest])? {
        guard let tree = trees[place] else { return nil }
        let nodes = state.withLock { Array($0.nodes[firstPiece..<firstPiece + tree.pieceCount]) }
        return tree.root(ofPieceLayer: nodes).map { ($0, tree.hasPieceLayer ? nodes : []) }
    }
}

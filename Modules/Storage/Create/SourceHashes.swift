// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire
internal import Synchronization

/// Gathers the hashes of a new torrent from several threads.
final class SourceHashes: Sendable {
    private struct State {
        /// By piece; none for v2 alone.
        var sha1: [SHA1Digest]
        /// By piece, the node that stands for it in its file's tree; none for v1 alone.
        var nodes: [SHA256Digest]
        var error: StorageError?
    }

    private let state: Mutex<State>
    /// By place in the layout; nil for padding, and for files without a tree.
    private let trees: [FileTree?]

    init(files: [FileEntry], geometry: PieceGeometry, format: MetainfoBuilder.Format) {
        let count = geometry.pieceCount
        state = Mutex(
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

    /// Takes the digests of one piece, which lies in `segments`.
    func insert(_ digests: PieceDigests, of piece: PieceIndex, in segments: [PieceSegment]) {
        // Joining leaves is hashing too: not under the lock.
        let node = segments.first.flatMap { trees[$0.file] }?.pieceRoot(ofLeaves: digests.leaves)
        state.withLock { state in
            if let sha1 = digests.sha1 { state.sha1[piece.int] = sha1 }
            if let node { state.nodes[piece.int] = node }
        }
    }

    /// Takes an error.
    func insert(_ error: StorageError) {
        state.withLock { $0.error = $0.error ?? error }
    }

    /// The v1 piece hashes in one stretch; empty for v2 alone.
    var pieceHashes: [UInt8] {
        state.withLock { state in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(state.sha1.count * SHA1Digest.byteCount)
            for digest in state.sha1 { digest.withUnsafeBytes { bytes.append(contentsOf: $0) } }
            return bytes
        }
    }

    /// The root and the piece layer of the file at `place` of the layout, which begins at `firstPiece`; nil for a file
    /// without a tree. A file of one piece or less has no layer.
    func tree(of place: Int, firstPiece: Int) -> (root: SHA256Digest, layer: [SHA256Digest])? {
        guard let tree = trees[place] else { return nil }
        let nodes = state.withLock { Array($0.nodes[firstPiece..<firstPiece + tree.pieceCount]) }
        return tree.root(ofPieceLayer: nodes).map { ($0, tree.hasPieceLayer ? nodes : []) }
    }
}

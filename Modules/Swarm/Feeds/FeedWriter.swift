// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// The author's side: appends, stores, and signs what is stored.
///
/// A head is signed only when every whole piece that it covers is on disk, so that nothing is ever signed that a crash
/// could take back.
struct FeedWriter: Sendable {
    let key: Ed25519.PrivateKey
    /// Appended bytes that are not in a piece yet.
    var pending: [UInt8] = []
    /// The number of pieces that are on disk, from the first on.
    var storedCount = 0
    /// Pieces that are on disk before an earlier one.
    var storedEarly: Set<Int> = []
    /// The time of the latest command, by the author's clock.
    var milliseconds: Int64 = 0
    var isFinishing = false
    /// The last head, once everything has been given to the store. It is shown to nobody before all is on disk.
    var lastHead: FeedHead?
}

extension FeedContent {
    /// Obeys the author's app.
    package mutating func handle(_ command: Command, in batch: inout ExtensionBatch<Self>) {
        guard writer != nil, writer?.isFinishing == false else { return }
        switch command {
        case .append(let bytes, let milliseconds):
            writer?.pending += bytes
            writer?.milliseconds = milliseconds
        case .finish(let milliseconds):
            writer?.isFinishing = true
            writer?.milliseconds = milliseconds
        }
        write(in: &batch)
        sign(in: &batch)
    }

    /// Signs what is on disk by now.
    package mutating func handleStored(_ piece: PieceIndex, in batch: inout ExtensionBatch<Self>) {
        guard writer != nil else { return }
        writer?.storedEarly.insert(piece.int)
        while let next = writer?.storedCount, writer?.storedEarly.remove(next) != nil { writer?.storedCount += 1 }
        write(in: &batch)
        sign(in: &batch)
    }

    /// Gives whole pieces to the store, as many as it takes, and at the end what is left.
    private mutating func write(in batch: inout ExtensionBatch<Self>) {
        guard let writer, writer.lastHead == nil else { return }
        var taken = 0
        while writer.pending.count - taken >= shape.pieceLength {
            let piece = Array(writer.pending[taken..<taken + shape.pieceLength])
            guard batch.store(piece, as: PieceIndex(shape.pieceCount)) else { break }
            let node = Self.node(of: piece, layer: layer)
            nodes?.append([node])
            shape.byteCount += shape.pieceLength
            taken += shape.pieceLength
        }
        self.writer?.pending.removeFirst(taken)
        if writer.isFinishing { finish(in: &batch) }
    }

    /// Ends the feed, if all whole pieces have been given to the store and it takes the rest.
    private mutating func finish(in batch: inout ExtensionBatch<Self>) {
        guard let writer, writer.pending.count < shape.pieceLength,
            let last = writer.makeHead(over: shape.pieceCount, shape.pieceLength, nodes, isLast: true)
        else { return }
        guard writer.pending.isEmpty || batch.store(writer.pending, as: PieceIndex(shape.pieceCount)) else { return }
        self.writer?.lastHead = last
        shape.byteCount = last.byteCount
        shape.isClosed = true
    }

    /// Signs what is on disk, and tells the peers.
    private mutating func sign(in batch: inout ExtensionBatch<Self>) {
        guard let writer, let end = nodes?.end, let new = nextHead(writer, end), new != head else { return }
        head = new
        settled = new
        let rest = new.byteCount % shape.pieceLength
        tail = new.isLast || rest > FeedMessage.maximumTailByteCount ? [] : Array(writer.pending.prefix(rest))
        batch.report(.grown(new))
        for peer in batch.peers { tell(peer, in: &batch) }
    }

    private func nextHead(_ writer: FeedWriter, _ end: Int) -> FeedHead? {
        if let last = writer.lastHead { return writer.storedCount == shape.pieceCount ? last : nil }
        let byteCount = writer.storedCount * shape.pieceLength + (writer.storedCount == end ? writer.pending.count : 0)
        guard byteCount > head?.byteCount ?? 0 else { return nil }
        return writer.makeHead(over: writer.storedCount, shape.pieceLength, nodes, isLast: false)
    }

    private static func node(of piece: [UInt8], layer: Int) -> SHA256Digest {
        var hasher = MerkleHasher()
        var leaves: [SHA256Digest] = []
        piece.withUnsafeBytes { hasher.appendLeaves(of: $0, to: &leaves) }
        return hasher.root(of: leaves, levels: layer)
    }
}

extension FeedWriter {
    /// Signs a head over the first `pieceCount` pieces, and over the pending bytes if these follow at once and are fewer
    /// than a piece. Nil for an empty feed.
    fileprivate func makeHead(over pieceCount: Int, _ pieceLength: Int, _ nodes: FeedNodes?, isLast: Bool) -> FeedHead?
    {
        guard let nodes, let peaks = nodes.peaks(over: pieceCount) else { return nil }
        let rest = nodes.end == pieceCount && pending.count < pieceLength ? pending : []
        var hasher = MerkleHasher()
        var leaves: [SHA256Digest] = []
        rest.withUnsafeBytes { hasher.appendLeaves(of: $0, to: &leaves) }
        let shortLeaf = rest.count.isMultiple(of: MerkleTree.leafByteCount) ? nil : leaves.popLast()
        var tree = GrowingTree()
        _ = tree.append(leaves)
        return FeedHead(
            byteCount: pieceCount * pieceLength + rest.count,
            millisecondsSince1970: milliseconds,
            isLast: isLast,
            peaks: peaks + tree.peaks,
            shortLeaf: shortLeaf,
            signedWith: key
        )
    }
}

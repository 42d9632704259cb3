// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// What is proven of a feed's tree: the nodes of a run of whole pieces, every node above them, and what leads from these
/// to the peaks of the newest head.
///
/// Heights count from the pieces. A node without gaps below it never changes, so whatever is proven stays.
///
///     height 2                   (peak)
///     height 1         n0           n1          n0: an uncle in a proof, to the left of the run
///     height 0       -   -        p2  p3        run: 2..<5; peaks: height 2, p4
///                                        p4
///
/// Invariant: `rows[h]` holds the nodes from `start(h)` on whose pieces are all in the run.
struct FeedNodes: Sendable {
    /// A place in the tree.
    struct Place: Hashable, Sendable {
        var height: Int
        var index: Int
    }

    /// The layer of the pieces, counted from the leaves.
    let layer: Int
    /// The first piece of the run.
    let first: Int
    /// The number of whole pieces in the newest head.
    private(set) var pieceCount = 0
    /// The peaks over them, the largest first.
    private(set) var peaks: [SHA256Digest] = []

    private var rows = [DigestRow()]
    /// Proven nodes to the left and to the right of the run.
    private var uncles: [Place: SHA256Digest] = [:]
    /// Proven blocks that the run does not reach yet, by their first piece.
    private var waiting: [Int: [SHA256Digest]] = [:]

    /// Creates an empty run that begins with the piece `first`.
    init(layer: Int, first: Int) {
        self.layer = layer
        self.first = first
    }

    /// The piece after the run.
    var end: Int { first + rows[0].count }
    /// Whether the run reaches up to the newest head.
    var isComplete: Bool { end == pieceCount }
    /// The nodes of the run's pieces, from `first` on.
    var pieces: DigestRow { rows[0] }

    /// Whether the nodes of a block are proven, or wait for the run to reach them.
    func holds(_ block: FeedBlock) -> Bool { block.pieces.upperBound <= end || waiting[block.first] != nil }

    /// Returns a proven node; nil if there is none.
    subscript(place: Place) -> SHA256Digest? {
        if rows.indices.contains(place.height) {
            let offset = place.index - start(place.height)
            if 0..<rows[place.height].count ~= offset { return rows[place.height][offset] }
        }
        if let uncle = uncles[place] { return uncle }
        let peak = FeedPeak.all(pieceCount).first { $0.layer == place.height && $0.index == place.index }
        if let peak { return peaks[peak.number] }
        return startsBefore(place) ? combined(place) : nil
    }

    /// Whether a node covers pieces of the run, and some before it, but none after it.
    private func startsBefore(_ place: Place) -> Bool {
        let end = (place.index + 1) << place.height
        return place.height > 0 && place.index << place.height < first && end > first && end <= self.end
    }

    /// Returns the parent of two proven nodes. Only one of them can cover the beginning of the run in turn.
    private func combined(_ place: Place) -> SHA256Digest? {
        let left = Place(height: place.height - 1, index: 2 * place.index)
        let right = Place(height: place.height - 1, index: 2 * place.index + 1)
        guard let left = self[left], let right = self[right] else { return nil }
        var hasher = MerkleHasher()
        return hasher.combine(left, right)
    }

    /// The index of the first node of this height that covers no piece before the run.
    private func start(_ height: Int) -> Int { (first + (1 << height) - 1) >> height }
}

// MARK: - Growing

extension FeedNodes {
    /// Follows the author's own feed: these pieces come next.
    mutating func append(_ nodes: [SHA256Digest]) {
        extend(by: nodes)
        pieceCount = end
        peaks = peaks(over: end) ?? []
    }

    /// Returns the peaks over the first `count` pieces; nil unless they are known.
    func peaks(over count: Int) -> [SHA256Digest]? {
        let places = FeedPeak.all(count)
        let nodes = places.compactMap { self[Place(height: $0.layer, index: $0.index)] }
        return nodes.count == places.count ? nodes : nil
    }

    /// Follows a head that the author has signed. The nodes that came with it count only if they lead from the old peaks
    /// to the new ones; others have to be proven.
    mutating func grow(to count: Int, _ newPeaks: [SHA256Digest], with nodes: [SHA256Digest], from start: Int) {
        let isLeading = isComplete && leads(nodes, from: start, to: newPeaks, over: count)
        let new = isLeading ? Array(nodes.dropFirst(end - start)) : []
        keepPeaks()
        pieceCount = count
        peaks = newPeaks
        extend(by: new)
    }

    /// Keeps the peaks to the left of the run, to which later proofs lead.
    private mutating func keepPeaks() {
        for (place, peak) in Self.placed(peaks, over: pieceCount) where place.index << place.height < first {
            uncles[place] = peak
        }
    }

    /// Returns peaks over the first `count` pieces, the largest first, by their places.
    static func placed(_ peaks: [SHA256Digest], over count: Int) -> [Place: SHA256Digest] {
        let places = FeedPeak.all(count).map { Place(height: $0.layer, index: $0.index) }
        return Dictionary(zip(places, peaks)) { first, _ in first }
    }

    private func leads(_ nodes: [SHA256Digest], from start: Int, to newPeaks: [SHA256Digest], over count: Int) -> Bool {
        guard start <= end, start + nodes.count == count, count >= end else { return false }
        var computed = peaks
        for (offset, node) in nodes.enumerated().dropFirst(end - start) {
            guard let next = GrowingTree.peaks(computed, leafCount: start + offset, adding: node) else { return false }
            computed = next
        }
        return computed == newPeaks
    }

    private mutating func extend(by nodes: [SHA256Digest]) {
        guard !nodes.isEmpty else { return }
        rows[0].append(nodes)
        var hasher = MerkleHasher()
        var height = 0
        while true {
            let from = start(height)
            let parentEnd = (from + rows[height].count) / 2
            let parentStart = start(height + 1)
            guard parentEnd > parentStart else { break }
            if rows.count == height + 1 { rows.append(DigestRow()) }
            let next = parentStart + rows[height + 1].count
            if next < parentEnd {
                let children = rows[height][2 * next - from..<2 * parentEnd - from]
                rows[height + 1].append(hasher.parents(of: children, at: layer + height))
            }
            height += 1
        }
        joinWaiting()
        forgetCovered()
    }

    private mutating func joinWaiting() {
        guard let next = waiting.first(where: { $0.key <= end }) else { return }
        waiting[next.key] = nil
        extend(by: Array(next.value.dropFirst(end - next.key)))
    }

    /// Drops uncles that the rows hold by now, once there are many.
    private mutating func forgetCovered() {
        guard uncles.count > Self.manyUncles else { return }
        uncles = uncles.filter { $0.key.index < start($0.key.height) || ($0.key.index + 1) << $0.key.height > end }
    }

    private static let manyUncles = 4_096
}

// MARK: - Proofs

extension FeedNodes {
    /// The outcome of a proof.
    enum Verdict: Hashable, Sendable {
        /// It is right, and its nodes are adopted.
        case proven
        /// It leads to another node than the proven one.
        case wrong
        /// It leads to no proven node: its sender knows an older head than we do.
        case unprovable
    }

    /// Checks a proof, and adopts what it proves.
    mutating func handle(_ proof: FeedProof) -> Verdict {
        for place in proof.path {
            guard let known = self[place] else { continue }
            guard proof[place] == known else { return .wrong }
            for uncle in proof.unclePlaces where uncle.height < place.height { adopt(proof[uncle], at: uncle) }
            adopt(proof.block, proof.nodes)
            return .proven
        }
        return .unprovable
    }

    private mutating func adopt(_ node: SHA256Digest?, at place: Place) {
        if self[place] == nil { uncles[place] = node }
    }

    private mutating func adopt(_ block: FeedBlock, _ nodes: [SHA256Digest]) {
        guard block.pieces.upperBound > end else { return }
        if block.first <= end {
            extend(by: Array(nodes.dropFirst(end - block.first)))
        } else {
            waiting[block.first] = nodes
        }
    }

    /// Returns the proof of a block up to a peak of the newest head; nil unless all of it is known.
    func makeProof(of block: FeedBlock) -> FeedProof? {
        guard block.first >= first, block.pieces.upperBound <= end,
            let peak = FeedPeak.above(layer: block.height, index: block.index, in: pieceCount)
        else { return nil }
        let places = (block.height..<peak.layer).map {
            Place(height: $0, index: (block.index >> ($0 - block.height)) ^ 1)
        }
        let uncles = places.compactMap { self[$0] }
        guard uncles.count == places.count else { return nil }
        return FeedProof(block, rows[0][block.first - first..<block.pieces.upperBound - first], uncles, layer: layer)
    }
}

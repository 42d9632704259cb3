// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// The nodes of a block's pieces and the uncles above it: every node on the way up follows from them.
struct FeedProof: Sendable {
    typealias Place = FeedNodes.Place

    let block: FeedBlock
    let nodes: [SHA256Digest]
    let uncles: [SHA256Digest]
    /// The places from the block's root upwards.
    let path: [Place]

    private var computed: [Place: SHA256Digest] = [:]

    /// Computes every node of the proof. `nodes` must be as many as the block has pieces.
    init(_ block: FeedBlock, _ nodes: [SHA256Digest], _ uncles: [SHA256Digest], layer: Int) {
        self.block = block
        self.nodes = nodes
        self.uncles = uncles
        path = (0...uncles.count).map { Place(height: block.height + $0, index: block.index >> $0) }
        var hasher = MerkleHasher()
        var row = nodes
        for height in 0...block.height {
            let start = block.first >> height
            for (offset, node) in row.enumerated() { computed[Place(height: height, index: start + offset)] = node }
            if height < block.height { row = hasher.parents(of: row, at: layer + height) }
        }
        for (place, uncle) in zip(path, uncles) {
            guard let node = computed[place] else { return }
            let sibling = Place(height: place.height, index: place.index ^ 1)
            computed[sibling] = uncle
            let isRight = place.index & 1 == 1
            let parent = Place(height: place.height + 1, index: place.index >> 1)
            computed[parent] = isRight ? hasher.combine(uncle, node) : hasher.combine(node, uncle)
        }
    }

    /// The places of the uncles, lowest first.
    var unclePlaces: [Place] { path.dropLast().map { Place(height: $0.height, index: $0.index ^ 1) } }

    /// Returns the node that the proof gives for a place; nil if it gives none.
    subscript(place: Place) -> SHA256Digest? { computed[place] }
}

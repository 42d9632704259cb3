// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Blocks that are requested from a web seed and not being fetched yet.
///
/// They leave in runs: one request fetches neighbours together, because each request costs a round trip.
struct WebSeedQueue {
    private let pieceLength: Int
    /// The blocks in the order in which they were requested.
    private var blocks: [BlockRequest] = []

    init(pieceLength: Int) { self.pieceLength = pieceLength }

    var isEmpty: Bool { blocks.isEmpty }

    /// The position of the block that has waited longest.
    var firstPlace: Int? { blocks.first.map(place) }

    mutating func append(_ block: BlockRequest) { blocks.append(block) }

    /// Returns false if the block is not waiting.
    mutating func remove(_ block: BlockRequest) -> Bool {
        guard let index = blocks.firstIndex(of: block) else { return false }
        blocks.remove(at: index)
        return true
    }

    /// Removes and returns the block that has waited longest with those that directly follow it, up to `byteCount`
    /// bytes but at least one block; nil if none is waiting.
    mutating func nextRun(upTo byteCount: Int) -> WebSeedRun? {
        guard let first = blocks.first else { return nil }
        blocks.removeFirst()
        var run = WebSeedRun(first, at: place(of: first))
        while run.range.count < byteCount,
            let index = blocks.firstIndex(where: { place(of: $0) == run.range.upperBound })
        {
            run.append(blocks.remove(at: index))
        }
        return run
    }

    private func place(of block: BlockRequest) -> Int { block.piece.int * pieceLength + Int(block.offset) }
}

/// One or more consecutive blocks in the piece space.
struct WebSeedRun: Hashable, Sendable {
    private(set) var blocks: [BlockRequest]
    /// The range of all their bytes.
    private(set) var range: Range<Int>

    init(_ first: BlockRequest, at place: Int) {
        blocks = [first]
        range = place..<place + Int(first.length)
    }

    mutating func append(_ block: BlockRequest) {
        blocks.append(block)
        range = range.lowerBound..<range.upperBound + Int(block.length)
    }
}

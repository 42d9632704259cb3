// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Blocks that a web seed is asked for and nobody fetches yet.
///
/// They leave in runs: neighbours are fetched by one request, for each costs a round trip.
struct WebSeedQueue {
    private let pieceLength: Int
    /// In the order in which they were asked for.
    private var blocks: [BlockRequest] = []

    init(pieceLength: Int) { self.pieceLength = pieceLength }

    var isEmpty: Bool { blocks.isEmpty }

    /// Where the block lies that has waited longest.
    var firstPlace: Int? { blocks.first.map(place) }

    mutating func append(_ block: BlockRequest) { blocks.append(block) }

    /// False where it is not, or no longer, waiting.
    mutating func remove(_ block: BlockRequest) -> Bool {
        guard let index = blocks.firstIndex(of: block) else { return false }
        blocks.remove(at: index)
        return true
    }

    /// The block that has waited longest, and what follows it without a gap, up to `byteCount` bytes but at least a
    /// block; nil where nothing waits.
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

/// Blocks that lie one after the other in the piece space; at least one.
struct WebSeedRun: Hashable, Sendable {
    private(set) var blocks: [BlockRequest]
    /// All of their bytes.
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

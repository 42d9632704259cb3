// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// Hashes several pieces side by side, each in parts of any size, without copying bytes.
///
/// Owner: one thread at a time; a worker reuses one hasher. Call `begin`; then, in rounds, `append` for each piece and
/// `run`; then `finish`. It is fastest with `bestPieceCount` pieces that advance at a similar rate.
package struct PieceHasher: ~Copyable {
    /// A piece being hashed.
    private struct Slot {
        var recipe: PieceHashRecipe
        var byteCount = 0
        /// One for each complete block so far; those of this round are still zero.
        var leaves: [SHA256Digest] = []

        /// Bytes of the incomplete block.
        var heldByteCount: Int { byteCount % Block.byteCount }
    }

    private var sha1: HashStreams<SHA1Digest>
    /// For each piece, the block that arrives in parts or is short.
    private var brokenBlocks: HashStreams<SHA256Digest>
    private var lanes = HashLanes<SHA256Digest>()
    private var slots: [Slot] = []
    /// The complete blocks of this round, and the leaves that they belong to.
    private var blocks: [UnsafeRawBufferPointer] = []
    private var places: [(slot: Int, leaf: Int)] = []

    /// The number of pieces that this processor hashes most efficiently together.
    package static var bestPieceCount: Int { HashStreams<SHA1Digest>.bestCount }

    /// Allocates room for up to `pieceCount` pieces at once.
    package init(pieceCount: Int) {
        sha1 = HashStreams(count: pieceCount)
        brokenBlocks = HashStreams(count: pieceCount)
    }

    /// Starts one piece per recipe. Unfinished pieces are dropped.
    package mutating func begin(_ recipes: [PieceHashRecipe]) {
        for slot in 0..<sha1.count { forget(slot) }
        slots = recipes.map { Slot(recipe: $0) }
        blocks.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
    }

    /// Takes the next bytes of piece `slot`, of any length. They must stay valid until `run`.
    package mutating func append(_ bytes: UnsafeRawBufferPointer, to slot: Int) {
        if slots[slot].recipe.wantsSHA1 { sha1.append(bytes, to: slot) }
        guard slots[slot].recipe.wantsLeaves else {
            slots[slot].byteCount += bytes.count
            return
        }
        var rest = bytes
        while !rest.isEmpty {
            let held = slots[slot].heldByteCount
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(Block.byteCount - held))
            slots[slot].byteCount += part.count
            if part.count == Block.byteCount {
                places.append((slot, slots[slot].leaves.count))
                blocks.append(part)
                slots[slot].leaves.append(SHA256Digest())
            } else {
                brokenBlocks.append(part, to: slot)
                if slots[slot].heldByteCount == 0 { slots[slot].leaves += brokenBlocks.finish(slot..<slot + 1) }
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
        }
    }

    /// Hashes what was appended.
    package mutating func run() {
        sha1.run()
        brokenBlocks.run()
        guard !blocks.isEmpty else { return }
        for (place, leaf) in zip(places, lanes.hash(blocks)) { slots[place.slot].leaves[place.leaf] = leaf }
        blocks.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
    }

    /// Drops piece `slot`, to which nothing was appended since the last `run`. Its digests become meaningless.
    package mutating func forget(_ slot: Int) {
        sha1.reset(slot)
        brokenBlocks.reset(slot)
        if slots.indices.contains(slot) { slots[slot] = Slot(recipe: PieceHashRecipe()) }
    }

    /// Returns the digests of everything appended since `begin`, by piece.
    package mutating func finish() -> [PieceDigests] {
        run()
        if slots.contains(where: { $0.recipe.wantsLeaves && $0.heldByteCount > 0 }) {
            for (slot, leaf) in brokenBlocks.finish(slots.indices).enumerated()
            where slots[slot].recipe.wantsLeaves && slots[slot].heldByteCount > 0 { slots[slot].leaves.append(leaf) }
        }
        var digests = slots.map { PieceDigests(byteCount: $0.byteCount, leaves: $0.leaves) }
        if slots.contains(where: \.recipe.wantsSHA1) {
            appendPadding()
            for (slot, digest) in sha1.finish(slots.indices).enumerated() where slots[slot].recipe.wantsSHA1 {
                digests[slot].sha1 = digest
            }
        }
        slots = []
        return digests
    }

    /// Adds to SHA-1 the zeros that v1 hashes after the data.
    private mutating func appendPadding() {
        var left = slots.map { $0.recipe.wantsSHA1 ? $0.recipe.paddingByteCount : 0 }
        Zeros.block.withUnsafeBytes { zeros in
            while left.contains(where: { $0 > 0 }) {
                for slot in left.indices where left[slot] > 0 {
                    let step = min(left[slot], zeros.count)
                    sha1.append(UnsafeRawBufferPointer(rebasing: zeros[..<step]), to: slot)
                    left[slot] -= step
                }
                sha1.run()
            }
        }
    }
}

/// The content of padding.
private enum Zeros {
    static let block = [UInt8](repeating: 0, count: Block.byteCount)
}

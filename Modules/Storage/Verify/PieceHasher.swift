// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// Hashes pieces one after the other, each in as many parts as its bytes come in, without copying them.
///
/// Owner: one thread at a time. Reusable, so that a worker keeps one for life. Call `begin`, then `update` with the
/// piece's data in order, then `finish`.
public struct PieceHasher: ~Copyable {
    private var sha1 = SHA1()
    private var sha256 = SHA256()
    private var recipe = PieceHashRecipe()
    private var byteCount = 0
    private var leaves: [SHA256Digest] = []
    private var isUnderWay = false

    /// Ready for a piece.
    public init() {}

    /// Starts a piece. One that was begun and not finished is forgotten.
    public mutating func begin(_ recipe: PieceHashRecipe) {
        if isUnderWay { _ = finish() }
        isUnderWay = true
        self.recipe = recipe
        byteCount = 0
        leaves = []
    }

    /// Takes the next bytes of the piece, of any length.
    ///
    /// Both hashes walk the bytes block by block, so that the second finds each still in the first-level caches.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while !rest.isEmpty {
            let step = min(rest.count, Block.byteCount - byteCount % Block.byteCount)
            let part = UnsafeRawBufferPointer(rebasing: rest[..<step])
            if recipe.wantsSHA1 { sha1.update(part) }
            if recipe.wantsLeaves { sha256.update(part) }
            byteCount += step
            if recipe.wantsLeaves, byteCount.isMultiple(of: Block.byteCount) { leaves.append(sha256.finish()) }
            rest = UnsafeRawBufferPointer(rebasing: rest[step...])
        }
    }

    /// The digests of all that came since `begin`.
    public mutating func finish() -> PieceDigests {
        if recipe.wantsLeaves, !byteCount.isMultiple(of: Block.byteCount) { leaves.append(sha256.finish()) }
        var digests = PieceDigests(byteCount: byteCount, leaves: leaves)
        leaves = []
        isUnderWay = false
        if recipe.wantsSHA1 {
            updateSHA1(zeroCount: recipe.paddingByteCount)
            digests.sha1 = sha1.finish()
        }
        return digests
    }

    private mutating func updateSHA1(zeroCount: Int) {
        var left = zeroCount
        Zeros.block.withUnsafeBytes { zeros in
            while left > 0 {
                let step = min(left, zeros.count)
                sha1.update(UnsafeRawBufferPointer(rebasing: zeros[..<step]))
                left -= step
            }
        }
    }
}

/// What padding consists of.
private enum Zeros {
    static let block = [UInt8](repeating: 0, count: Block.byteCount)
}

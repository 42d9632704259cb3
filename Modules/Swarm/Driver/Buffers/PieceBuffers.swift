// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The blocks of open pieces, copied here as they arrived.
///
/// Owner: one torrent's driver, on its loop. A piece is one or more slabs, taken when the first block for them arrives.
struct PieceBuffers {
    private var geometry: PieceGeometry
    private let slabBytes: Int
    private var pieces: [PieceIndex: [Slab?]] = [:]

    /// Creates buffers. `isGrowing`: the last piece may become longer.
    init(geometry: PieceGeometry, isGrowing: Bool = false) {
        self.geometry = geometry
        let longest = isGrowing ? geometry.pieceLength : min(geometry.pieceLength, max(geometry.spaceSize, 1))
        slabBytes = SlabPool.slabBytes(forPieceLength: longest)
    }

    /// Handles content that has grown to `byteCount` bytes.
    mutating func grow(to byteCount: Int) { geometry.grow(to: byteCount) }

    /// Returns where `block` belongs; it never spans two slabs, because both are divided at multiples of 16 KiB.
    mutating func destination(of block: BlockRequest, from pool: inout SlabPool) -> UnsafeMutableRawBufferPointer {
        let slabIndex = Int(block.offset) / slabBytes
        let start = Int(block.offset) % slabBytes
        let slab = slab(slabIndex, of: block.piece, from: &pool)
        return UnsafeMutableRawBufferPointer(rebasing: slab.bytes[start..<start + Int(block.length)])
    }

    /// Returns the data of a complete piece, in order, for a pool thread to verify and store. The slabs stay here until
    /// `discard`.
    func data(of piece: PieceIndex) -> PieceData {
        var left = geometry.dataByteCount(of: piece)
        let chunks = (pieces[piece] ?? []).compactMap(\.self).map { slab in
            let count = min(left, slab.bytes.count)
            left -= count
            return UnsafeRawBufferPointer(rebasing: slab.bytes[..<count])
        }
        return PieceData(chunks: chunks)
    }

    mutating func discard(_ piece: PieceIndex, to pool: inout SlabPool) {
        for slab in pieces.removeValue(forKey: piece) ?? [] {
            if let slab { pool.giveBack(slab) }
        }
    }

    /// Pieces with buffered bytes.
    var buffered: [PieceIndex] { pieces.keys.sorted() }

    mutating func discardAll(to pool: inout SlabPool) {
        for piece in buffered { discard(piece, to: &pool) }
    }

    private mutating func slab(_ index: Int, of piece: PieceIndex, from pool: inout SlabPool) -> Slab {
        if let slab = pieces[piece]?[index] { return slab }
        let slabCount = (geometry.dataByteCount(of: piece) + slabBytes - 1) / slabBytes
        let slab = pool.take(byteCount: slabBytes)
        pieces[piece, default: Array(repeating: nil, count: slabCount)][index] = slab
        return slab
    }
}

/// A complete piece on its way through a pool thread.
struct PieceData: @unchecked Sendable {  // the loop leaves the slabs alone until the verdict is back
    let chunks: [UnsafeRawBufferPointer]
    let byteCount: Int
    /// Its own memory, if it is not in a slab of the loop's.
    private var own: Slab?

    /// Creates a copy of a complete piece.
    init(copying bytes: [UInt8]) {
        let slab = Slab(byteCount: max(1, bytes.count))
        slab.bytes.copyBytes(from: bytes)
        self.init(chunks: [UnsafeRawBufferPointer(rebasing: slab.bytes[..<bytes.count])])
        own = slab
    }

    init(chunks: [UnsafeRawBufferPointer]) {
        self.chunks = chunks
        byteCount = chunks.reduce(0) { $0 + $1.count }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The received blocks of open pieces, and the senders of the false ones.
struct PieceAssembly {
    private var geometry: PieceGeometry
    private var pieces: [PieceIndex: [UInt8]] = [:]
    private var cells: [Int: [UInt8]] = [:]
    private var forgers: [PieceIndex: Set<IPAddress>] = [:]

    init(_ geometry: PieceGeometry) { self.geometry = geometry }

    /// The content has grown to `byteCount` bytes.
    mutating func grow(to byteCount: Int) { geometry.grow(to: byteCount) }

    /// Calls `body` with the memory of `block`.
    mutating func withBytes(of block: BlockRequest, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        let byteCount = geometry.dataByteCount(of: block.piece)
        let range = Int(block.offset)..<Int(block.offset) + Int(block.length)
        guard range.upperBound <= byteCount else { return }
        pieces[block.piece, default: [UInt8](repeating: 0, count: byteCount)].withUnsafeMutableBytes {
            body(UnsafeMutableRawBufferPointer(rebasing: $0[range]))
        }
    }

    /// Calls `body` with the spare cell of that number.
    mutating func withBytes(ofCell cell: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        cells[cell, default: [UInt8](repeating: 0, count: Block.byteCount)].withUnsafeMutableBytes(body)
    }

    /// The copy in a spare cell is the block from now on.
    mutating func move(_ cell: Int, to block: BlockRequest) {
        guard let bytes = cells[cell] else { return }
        withBytes(of: block) { $0.copyBytes(from: bytes.prefix($0.count)) }
    }

    /// The bytes of a complete piece; nil if none has arrived.
    func data(of piece: PieceIndex) -> [UInt8]? { pieces[piece] }

    /// Records that `address` sent a false block of `piece`.
    mutating func noteForgery(in piece: PieceIndex, by address: IPAddress) {
        forgers[piece, default: []].insert(address)
    }

    /// The senders of false blocks of `piece`.
    func forgers(of piece: PieceIndex) -> Set<IPAddress> { forgers[piece] ?? [] }

    mutating func discard(_ piece: PieceIndex) {
        pieces[piece] = nil
        forgers[piece] = nil
    }
}

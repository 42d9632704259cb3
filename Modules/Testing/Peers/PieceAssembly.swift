// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The blocks of open pieces, as they come, and whose of them were false.
struct PieceAssembly {
    private let geometry: PieceGeometry
    private var pieces: [PieceIndex: [UInt8]] = [:]
    private var forgers: [PieceIndex: Set<IPAddress>] = [:]

    init(_ geometry: PieceGeometry) { self.geometry = geometry }

    /// Calls `body` with the place of `block`.
    mutating func withBytes(of block: BlockRequest, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        let byteCount = geometry.dataByteCount(of: block.piece)
        let range = Int(block.offset)..<Int(block.offset) + Int(block.length)
        guard range.upperBound <= byteCount else { return }
        pieces[block.piece, default: [UInt8](repeating: 0, count: byteCount)].withUnsafeMutableBytes {
            body(UnsafeMutableRawBufferPointer(rebasing: $0[range]))
        }
    }

    /// The bytes of a complete piece; nil where none has come.
    func data(of piece: PieceIndex) -> [UInt8]? { pieces[piece] }

    /// Notes that a block which has become part of `piece` is false.
    mutating func noteForgery(in piece: PieceIndex, by address: IPAddress) {
        forgers[piece, default: []].insert(address)
    }

    /// Whose false blocks are in `piece`.
    func forgers(of piece: PieceIndex) -> Set<IPAddress> { forgers[piece] ?? [] }

    mutating func discard(_ piece: PieceIndex) {
        pieces[piece] = nil
        forgers[piece] = nil
    }
}

// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Keeps pieces in memory: for tests, live windows, and content that is read during the download and not kept.
public final class MemoryStore: PieceStore, Growing, Trimming {
    private let pieceLength: Int
    private let limitBytes: Locked<Int>
    private let holdsEverything: Bool
    private let pieces = Locked<[PieceIndex: [UInt8]]>([:])

    /// Keeps pieces of at most `pieceLength` bytes, and at most `limitBytes` in total, counted in whole pieces.
    public init(pieceLength: Int, limitBytes: Int) {
        self.pieceLength = max(1, pieceLength)
        self.limitBytes = Locked(limitBytes)
        holdsEverything = false
    }

    /// Allows room for all of `geometry`, and for more if the content grows.
    public init(_ geometry: PieceGeometry) {
        pieceLength = max(1, geometry.pieceLength)
        limitBytes = Locked(geometry.pieceCount * pieceLength)
        holdsEverything = true
    }

    /// Growth, if it has room for everything, and trimming.
    public var abilities: StoreAbilities {
        var abilities = StoreAbilities()
        abilities.growth = holdsEverything ? self : nil
        abilities.trimming = self
        return abilities
    }

    /// Makes room.
    ///
    /// - Throws: Nothing.
    public func grow(to geometry: PieceGeometry) throws(StorageError) {
        let byteCount = geometry.pieceCount * pieceLength
        limitBytes.withLock { $0 = max($0, byteCount) }
    }

    /// Forgets the pieces before `first`.
    ///
    /// - Throws: Nothing.
    public func trim(before first: PieceIndex) throws(StorageError) {
        pieces.withLock { $0 = $0.filter { $0.key.int >= first.int } }
    }

    /// The number of pieces that were written to and not dropped.
    package var count: Int { pieces.withLock { $0.count } }

    /// Forgets `piece`.
    package func drop(_ piece: PieceIndex) { pieces.withLock { $0[piece] = nil } }

    /// Fills `chunks`. Bytes of a piece that were never written read as zeros.
    ///
    /// - Throws: `StorageError.Code.missing` if nothing of `piece` was written.
    public func read(
        piece: PieceIndex,
        offset: Int,
        into chunks: [UnsafeMutableRawBufferPointer]
    ) throws(StorageError) {
        try check("read", piece, offset, chunks.reduce(0) { $0 + $1.count })
        guard let bytes = pieces.withLock({ $0[piece] }) else {
            throw StorageError(.missing, operation: "read", path: "piece \(piece)", reason: "it is not in memory")
        }
        var position = offset
        for chunk in chunks {
            chunk.copyBytes(from: bytes[position..<position + chunk.count])
            position += chunk.count
        }
    }

    /// Copies `chunks`.
    ///
    /// - Throws: `StorageError.Code.limit` if there is no room for another piece.
    public func write(
        piece: PieceIndex,
        offset: Int,
        chunks: [UnsafeRawBufferPointer]
    ) throws(StorageError) {
        try check("write", piece, offset, chunks.reduce(0) { $0 + $1.count })
        let limitBytes = limitBytes.withLock { $0 }
        try pieces.withLock { pieces throws(StorageError) in
            guard pieces[piece] != nil || (pieces.count + 1) * pieceLength <= limitBytes else {
                let reason = "\(limitBytes) bytes are in use"
                throw StorageError(.limit, operation: "write", path: "piece \(piece)", reason: reason)
            }
            Self.put(chunks, at: offset, in: &pieces[piece, default: Array(repeating: 0, count: pieceLength)])
        }
    }

    /// Does nothing: memory does not survive a power cut.
    ///
    /// - Throws: Nothing.
    public func flush() throws(StorageError) {}

    /// Does nothing; the pieces stay.
    public func close() {}

    private static func put(_ chunks: [UnsafeRawBufferPointer], at offset: Int, in bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { all in
            var position = offset
            for chunk in chunks {
                UnsafeMutableRawBufferPointer(rebasing: all[position..<position + chunk.count]).copyMemory(from: chunk)
                position += chunk.count
            }
        }
    }

    private func check(
        _ operation: StaticString,
        _ piece: PieceIndex,
        _ offset: Int,
        _ count: Int
    ) throws(StorageError) {
        guard offset >= 0, offset <= pieceLength, count <= pieceLength - offset else {
            let reason = "\(count) bytes from \(offset) exceed the piece"
            throw StorageError(.limit, operation: operation.description, path: "piece \(piece)", reason: reason)
        }
    }
}

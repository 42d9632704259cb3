// SPDX-License-Identifier: Apache-2.0

import RucheStorage
import RucheWire
import Synchronization

/// A store over bytes in memory that fails where it is told to, and counts its calls. It claims to keep files, about
/// which nothing is known.
final class ScriptedStore: PieceStore, FileLocating {
    struct Fault {
        let range: Range<Int>
        let code: StorageError.Code
    }

    private let space: [UInt8]
    private let pieceLength: Int
    private let faults: [Fault]
    private let reads = Mutex((count: 0, largest: 0))
    private let onRead: @Sendable (Int) -> Void

    /// `space` is the piece space. Reads that touch the range of a fault throw.
    init(
        _ space: [UInt8],
        pieceLength: Int,
        faults: [Fault] = [],
        onRead: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.space = space
        self.pieceLength = pieceLength
        self.faults = faults
        self.onRead = onRead
    }

    var readCount: Int { reads.withLock { $0.count } }
    var largestRead: Int { reads.withLock { $0.largest } }

    func read(piece: PieceIndex, offset: Int, into chunks: [UnsafeMutableRawBufferPointer]) throws(StorageError) {
        var start = piece.int * pieceLength + offset
        for chunk in chunks {
            try read(start, into: chunk)
            start += chunk.count
        }
    }

    private func read(_ start: Int, into out: UnsafeMutableRawBufferPointer) throws(StorageError) {
        let count = reads.withLock {
            $0 = ($0.count + 1, max($0.largest, out.count))
            return $0.count
        }
        onRead(count)
        if let fault = faults.first(where: { $0.range.overlaps(start..<start + out.count) }) {
            throw StorageError(fault.code, operation: "read", path: "scripted", reason: "injected fault")
        }
        out.copyBytes(from: space[start..<start + out.count])
    }

    func write(piece: PieceIndex, offset: Int, chunks: [UnsafeRawBufferPointer]) throws(StorageError) {
        throw StorageError(.permission, operation: "write", path: "scripted", reason: "read only")
    }

    var abilities: StoreAbilities {
        var abilities = StoreAbilities()
        abilities.files = self
        return abilities
    }

    let folder = "scripted"

    func allFacts() throws(StorageError) -> [Int: FileFacts] {
        throw StorageError(.io, operation: "examine", path: folder, reason: "nothing is known")
    }

    func facts(file: Int) throws(StorageError) -> FileFacts? { nil }

    func path(of file: Int, isFinished: Bool) -> String { "\(file)" }

    func finish(file: Int) throws(StorageError) {}

    func flush() throws(StorageError) {}

    func close() {}
}

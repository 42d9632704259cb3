// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheWire
internal import Synchronization

extension TorrentDisk {
    /// Flushes: after this, a power cut costs nothing that was stored before. Returns what turned out to be lost.
    func checkpoint() -> SettledFiles {
        var lost: [PieceIndex] = []
        var failure: StorageError?
        do throws(StorageError) {
            try restoreDoubted(&lost)
            try flush()
        } catch {
            failure = error
        }
        var settled = finish([], lost: lost)
        settled.failure = failure ?? settled.failure
        return settled
    }

    private func flush() throws(StorageError) {
        unflushed.withLock { $0.handleFlushBegun() }
        do throws(StorageError) {
            if let journal { try journal.checkpoint(flushing: store) } else { try store.flush() }
        } catch {
            if !error.code.passes { unflushed.withLock { $0.handleFlushFailed() } }
            throw error
        }
        unflushed.withLock { $0.handleFlushed() }
    }

    /// Reads what was written before a failed flush, and writes correct pieces again, so that the next flush covers
    /// them. Appends the others to `lost`.
    private func restoreDoubted(_ lost: inout [PieceIndex]) throws(StorageError) {
        for piece in unflushed.withLock({ $0.doubted.sorted() }) {
            guard try restore(piece) else {
                lost.append(piece)
                continue
            }
            try journal?.append(verified: CollectionOfOne(piece))
            unflushed.withLock { $0.handleStored(CollectionOfOne(piece)) }
        }
    }

    /// Returns false if the piece is missing or wrong.
    private func restore(_ piece: PieceIndex) throws(StorageError) -> Bool {
        let byteCount = geometry.dataByteCount(of: piece)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
        defer { bytes.deallocate() }
        do throws(StorageError) {
            try padding.read(store, piece: piece, offset: 0, into: [bytes])
        } catch {
            guard error.code == .missing || error.code == .lost else { throw error }
            return false
        }
        let chunks = [UnsafeRawBufferPointer(bytes)]
        guard case .right = currentVerifier.verdict(on: piece, chunks: chunks) else { return false }
        try padding.write(store, piece: piece, offset: 0, chunks: chunks)
        return true
    }
}

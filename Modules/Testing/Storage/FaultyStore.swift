// SPDX-License-Identifier: Apache-2.0

public import RucheStorage
public import RucheWire
internal import Synchronization

/// A store over another that fails as it is told to: for whoever wants to know what happens then.
public final class FaultyStore: PieceStore {
    /// What goes wrong. Calls are counted from 1, each kind by itself.
    public struct Faults: Sendable {
        /// Bytes that can be written before the disk is full; nil: no limit.
        public var capacityBytes: Int?
        /// Reads that fail, and how.
        public var failingReads: [Int: StorageError.Code] = [:]
        /// Writes that fail, and how. What had been written before stays.
        public var failingWrites: [Int: StorageError.Code] = [:]
        /// Flushes that fail, and how.
        public var failingFlushes: [Int: StorageError.Code] = [:]
        /// Reads that succeed with one bit turned.
        public var corruptReads: Set<Int> = []

        /// Nothing goes wrong.
        public init() {}
    }

    private struct State {
        var faults: Faults
        var writtenByteCount = 0
        var reads = 0
        var writes = 0
        var flushes = 0
    }

    private let base: any PieceStore
    private let state: Mutex<State>

    /// Passes everything on to `base`, but for `faults`.
    public init(_ base: any PieceStore, faults: Faults = Faults()) {
        self.base = base
        state = Mutex(State(faults: faults))
    }

    /// What goes wrong from now on.
    public var faults: Faults {
        get { state.withLock { $0.faults } }
        set { state.withLock { $0.faults = newValue } }
    }

    /// Calls so far.
    public var counts: (reads: Int, writes: Int, flushes: Int) {
        state.withLock { ($0.reads, $0.writes, $0.flushes) }
    }

    /// Reads from the base, or fails, or turns a bit.
    ///
    /// - Throws: `StorageError` as told, and what the base throws.
    public func read(
        piece: PieceIndex,
        offset: Int,
        into chunks: [UnsafeMutableRawBufferPointer]
    ) throws(StorageError) {
        let (failure, isCorrupt) = state.withLock { state in
            state.reads += 1
            return (state.faults.failingReads[state.reads], state.faults.corruptReads.contains(state.reads))
        }
        if let failure { throw error(failure, "read", piece) }
        try base.read(piece: piece, offset: offset, into: chunks)
        if isCorrupt, let first = chunks.first, !first.isEmpty { first[first.count / 2] ^= 0x10 }
    }

    /// Writes to the base, or fails.
    ///
    /// - Throws: `StorageError` as told, and what the base throws.
    public func write(
        piece: PieceIndex,
        offset: Int,
        chunks: [UnsafeRawBufferPointer]
    ) throws(StorageError) {
        let byteCount = chunks.reduce(0) { $0 + $1.count }
        let failure: StorageError.Code? = state.withLock { state in
            state.writes += 1
            if let failure = state.faults.failingWrites[state.writes] { return failure }
            guard state.writtenByteCount + byteCount <= state.faults.capacityBytes ?? .max else { return .diskFull }
            state.writtenByteCount += byteCount
            return nil
        }
        if let failure { throw error(failure, "write", piece) }
        try base.write(piece: piece, offset: offset, chunks: chunks)
    }

    /// Flushes the base, or fails.
    ///
    /// - Throws: `StorageError` as told, and what the base throws.
    public func flush() throws(StorageError) {
        let failure = state.withLock { state in
            state.flushes += 1
            return state.faults.failingFlushes[state.flushes]
        }
        if let failure { throw StorageError(failure, operation: "flush", path: "store", reason: "as told") }
        try base.flush()
    }

    /// Passed on.
    public func noteUnflushed(_ pieces: Bitfield) { base.noteUnflushed(pieces) }

    /// Passed on.
    public func close() { base.close() }

    private func error(_ code: StorageError.Code, _ operation: String, _ piece: PieceIndex) -> StorageError {
        StorageError(code, operation: operation, path: "piece \(piece)", reason: "as told")
    }
}

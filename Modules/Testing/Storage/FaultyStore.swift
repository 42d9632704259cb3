// SPDX-License-Identifier: Apache-2.0

public import RucheStorage
public import RucheWire

/// A store that injects faults into another, to test how its user handles them.
public final class FaultyStore: PieceStore {
    /// The faults to inject. Calls of each kind are numbered from 1.
    public struct Faults: Sendable {
        /// The number of bytes that can be written before the disk is full; nil for no limit.
        public var capacityBytes: Int?
        /// The numbers of the reads that fail, each with its error.
        public var failingReads: [Int: StorageError.Code] = [:]
        /// The numbers of the writes that fail, each with its error. Earlier writes are kept.
        public var failingWrites: [Int: StorageError.Code] = [:]
        /// The numbers of the flushes that fail, each with its error.
        public var failingFlushes: [Int: StorageError.Code] = [:]
        /// The error of every read; nil: only the reads above fail.
        public var everyRead: StorageError.Code?
        /// The error of every write; nil: only the writes above fail.
        public var everyWrite: StorageError.Code?
        /// The error of every flush; nil: only the flushes above fail.
        public var everyFlush: StorageError.Code?
        /// The numbers of the reads that succeed with one bit flipped.
        public var corruptReads: Set<Int> = []

        /// Creates no faults.
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
    private let state: Locked<State>

    /// Creates a store that passes everything on to `base`, except for `faults`.
    public init(_ base: any PieceStore, faults: Faults = Faults()) {
        self.base = base
        state = Locked(State(faults: faults))
    }

    /// The faults that apply from now on.
    public var faults: Faults {
        get { state.withLock { $0.faults } }
        set { state.withLock { $0.faults = newValue } }
    }

    /// The number of calls so far.
    public var counts: (reads: Int, writes: Int, flushes: Int) {
        state.withLock { ($0.reads, $0.writes, $0.flushes) }
    }

    /// Reads from the base store, fails, or flips a bit.
    ///
    /// - Throws: an injected `StorageError`, or the error of the base store.
    public func read(
        piece: PieceIndex,
        offset: Int,
        into chunks: [UnsafeMutableRawBufferPointer]
    ) throws(StorageError) {
        let (failure, isCorrupt) = state.withLock { state in
            state.reads += 1
            let failure = state.faults.everyRead ?? state.faults.failingReads[state.reads]
            return (failure, state.faults.corruptReads.contains(state.reads))
        }
        if let failure { throw error(failure, "read", piece) }
        try base.read(piece: piece, offset: offset, into: chunks)
        if isCorrupt, let first = chunks.first, !first.isEmpty { first[first.count / 2] ^= 0x10 }
    }

    /// Writes to the base store, or fails.
    ///
    /// - Throws: an injected `StorageError`, or the error of the base store.
    public func write(
        piece: PieceIndex,
        offset: Int,
        chunks: [UnsafeRawBufferPointer]
    ) throws(StorageError) {
        let byteCount = chunks.reduce(0) { $0 + $1.count }
        let failure: StorageError.Code? = state.withLock { state in
            state.writes += 1
            if let failure = state.faults.everyWrite ?? state.faults.failingWrites[state.writes] { return failure }
            guard state.writtenByteCount + byteCount <= state.faults.capacityBytes ?? .max else { return .diskFull }
            state.writtenByteCount += byteCount
            return nil
        }
        if let failure { throw error(failure, "write", piece) }
        try base.write(piece: piece, offset: offset, chunks: chunks)
    }

    /// Flushes the base store, or fails.
    ///
    /// - Throws: an injected `StorageError`, or the error of the base store.
    public func flush() throws(StorageError) {
        let failure = state.withLock { state in
            state.flushes += 1
            return state.faults.everyFlush ?? state.faults.failingFlushes[state.flushes]
        }
        if let failure { throw StorageError(failure, operation: "flush", path: "store", reason: "injected fault") }
        try base.flush()
    }

    /// Passes the pieces on to the base store.
    public func noteUnflushed(_ pieces: Bitfield) { base.noteUnflushed(pieces) }

    /// Closes the base store.
    public func close() { base.close() }

    /// Those of the base.
    public var abilities: StoreAbilities { base.abilities }

    private func error(_ code: StorageError.Code, _ operation: String, _ piece: PieceIndex) -> StorageError {
        StorageError(code, operation: operation, path: "piece \(piece)", reason: "injected fault")
    }
}

// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Records what is known of a torrent's data as it happens, so that it survives a kill at any moment.
///
/// One file, to which checksummed records are appended; docs/RESUME.md describes the format and why it is reliable.
/// Owner: the torrent. Calls block and may come from any thread. Write a piece's bytes to the store before
/// `append(verified:)`.
package final class ResumeJournal: Sendable {
    /// The journal's path.
    package let path: String
    /// The torrent of the journal.
    package let identity: ResumeIdentity

    private let folder: Descriptor
    private let name: String
    private let limits: StorageLimits
    private let contents: Locked<Contents>
    /// Serialises checkpoints; held during the store's flush.
    private let checkpointing = Locked(())

    private struct Contents {
        /// The open file; nil once closed.
        var file: Descriptor?
        var format: ResumeFormat
        /// The offset of the next record.
        var byteCount = 0
        /// The value of `byteCount` after the last rewrite.
        var compactByteCount = 0
        var state: ResumeState
        /// The unflushed pieces that a running flush covers, minus those that change meanwhile.
        var flushing: Bitfield?
    }

    /// Opens the journal at `path`, or creates it; its content is in `state`.
    ///
    /// `changed` returns the verified pieces that can no longer be vouched for, such as
    /// `FileStore.changedPieces(since:)`. They become suspects.
    ///
    /// - Throws: `.inUse` if another process has it open, `.corrupt` if it belongs to another torrent.
    package static func open(
        _ path: String,
        for identity: ResumeIdentity,
        limits: StorageLimits = .init(),
        changed: (ResumeState) -> Bitfield? = { _ in nil }
    ) throws(StorageError) -> ResumeJournal {
        try ResumeJournal(path, identity, limits, boot: .current, changed: changed)
    }

    init(
        _ path: String,
        _ identity: ResumeIdentity,
        _ limits: StorageLimits = .init(),
        boot: BootID,
        changed: (ResumeState) -> Bitfield? = { _ in nil }
    ) throws(StorageError) {
        self.path = path
        self.identity = identity
        self.limits = limits
        let (folderPath, name) = PathText.split(path)
        self.name = name
        let folder = try naming("open", path) { () throws(SystemError) in
            try Descriptor.makeFolders(path: folderPath)
            return try Descriptor.open(path: folderPath, .folder)
        }
        self.folder = folder
        let file = try Self.openLocked(name, in: folder, path: path)
        let (found, isWhole) = try Self.load(file, path, identity, limits)
        contents = Locked(found)
        try contents.withLock { contents throws(StorageError) in
            let suspects = changed(contents.state)
            let wasClosedCleanly = contents.state.wasClosedCleanly
            var records: [ResumeRecord] = [.opened(boot)]
            if let suspects, !suspects.isEmpty { records.append(.suspect(PieceRuns(suspects.indices))) }
            if isWhole {
                try append(records, to: &contents)
            } else {
                for record in records { contents.state.apply(record) }
                try compact(&contents)
            }
            contents.state.wasClosedCleanly = wasClosedCleanly
        }
    }

    /// The current state. `wasClosedCleanly` and `isFresh` keep the values found at opening.
    package var state: ResumeState { contents.withLock { $0.state } }

    // MARK: Pieces

    /// Records that `pieces` are verified and written.
    ///
    /// - Throws: `StorageError` if the journal cannot be written; it is then unchanged.
    package func append(verified pieces: some Sequence<PieceIndex>) throws(StorageError) {
        try append([.verified(PieceRuns(pieces))])
    }

    /// Records that `pieces` are wrong or gone, before they are written again.
    ///
    /// - Throws: `StorageError` if the journal cannot be written; it is then unchanged.
    package func append(lost pieces: some Sequence<PieceIndex>) throws(StorageError) {
        try append([.lost(PieceRuns(pieces))])
    }

    /// Records that there are `pieceCount` pieces from now on. Call it before anything is recorded about new ones.
    ///
    /// - Throws: `StorageError` if the journal cannot be written, or there are too many pieces; it is then unchanged.
    package func append(grownTo pieceCount: Int) throws(StorageError) {
        guard pieceCount > state.pieceCount else { return }
        guard pieceCount <= StorageLimits.grownPieces else {
            throw StorageError(.limit, operation: "write", path: path, reason: "\(pieceCount) pieces are too many")
        }
        try append([.grown(pieceCount: pieceCount)])
    }

    // MARK: Other facts

    /// Records the facts of files, for example of one that was just finished, after `FileStore.finish(file:)`.
    ///
    /// - Throws: `StorageError` if the journal cannot be written; it is then unchanged.
    package func append(facts: [Int: FileFacts]) throws(StorageError) { try append(ResumeRecord.records(of: facts)) }

    /// Records that `file` is about to be created with this inode.
    ///
    /// - Throws: `StorageError` if the journal cannot be written; it is then unchanged.
    package func append(made file: Int, inode: UInt64) throws(StorageError) { try append([.made([file: inode])]) }

    /// Records totals.
    ///
    /// - Throws: `StorageError` if the journal cannot be written; it is then unchanged.
    package func append(totals: ResumeTotals) throws(StorageError) { try append([.totals(totals)]) }

    // MARK: Flushing

    /// Flushes `store`, then records that all pieces verified before would survive a power cut.
    ///
    /// - Throws: `StorageError` if the journal cannot be flushed; the pieces then stay recorded as unflushed. Also if
    ///   the store cannot be flushed; the pieces then become suspects, because the system may have dropped what it
    ///   could not write, without reporting it at a later flush. Append those that are written again.
    package func checkpoint(flushing store: some PieceStore) throws(StorageError) {
        try checkpointing.withLock { _ throws(StorageError) in
            let covered = contents.withLock { contents in
                contents.flushing = contents.state.unflushed
                return contents.state.unflushed
            }
            defer { contents.withLock { $0.flushing = nil } }
            guard !covered.isEmpty else { return }
            store.noteUnflushed(covered)
            do throws(StorageError) { try store.flush() } catch {
                if !error.code.passes { doubtUnflushed() }
                throw error
            }
            try contents.withLock { contents throws(StorageError) in
                guard let flushed = contents.flushing, !flushed.isEmpty else { return }
                try append([.flushed(PieceRuns(flushed.indices))], to: &contents)
                try sync(contents)
            }
        }
    }

    /// Turns unflushed pieces into suspects after a failed flush. If this cannot be written, a reboot has the same
    /// effect.
    private func doubtUnflushed() {
        contents.withLock { contents in
            let doubted = PieceRuns(contents.state.unflushed.indices)
            do throws(StorageError) { try append([.suspect(doubted)], to: &contents) } catch {}
        }
    }

    /// Closes the journal with a checkpoint, the facts of the files, and a record that no writes follow. No calls may
    /// follow.
    ///
    /// - Throws: `StorageError` as `checkpoint(flushing:)` does; the file is closed in any case.
    package func close(flushing store: some PieceStore, facts: [Int: FileFacts]) throws(StorageError) {
        defer { abandon() }
        try checkpoint(flushing: store)
        try append(ResumeRecord.records(of: facts) + [.closed])
    }

    /// Forgets the torrent and deletes the file.
    ///
    /// - Throws: `StorageError` if the file cannot be deleted.
    package func remove() throws(StorageError) {
        abandon()
        try naming("remove", path) { () throws(SystemError) in try folder.remove(name) }
    }

    /// Closes the file without flushing, as a kill would.
    package func abandon() {
        let closing = contents.withLock { contents in
            defer { contents.file = nil }
            return contents.file
        }
        _ = closing
    }

    // MARK: The file

    private func append(_ records: [ResumeRecord]) throws(StorageError) {
        try contents.withLock { contents throws(StorageError) in
            try append(records, to: &contents)
            let growth = contents.byteCount - contents.compactByteCount
            guard growth > max(limits.journalGrowthBytes, contents.compactByteCount) else { return }
            // The records are already written. If there is no room for a second copy, the next attempt follows after
            // the same growth.
            do throws(StorageError) { try compact(&contents) } catch { contents.compactByteCount = contents.byteCount }
        }
    }

    /// Writes the whole batch at once.
    private func append(_ records: [ResumeRecord], to contents: inout Contents) throws(StorageError) {
        guard let file = contents.file else {
            throw StorageError(.io, operation: "write", path: path, reason: "it was closed")
        }
        let start = contents.byteCount
        var bytes: [UInt8] = []
        for record in records { bytes += contents.format.frame(record, at: start + bytes.count) }
        do throws(SystemError) {
            // Bytes left behind by a failed write must not follow a shorter batch.
            if try file.status().size != start { try file.resize(to: start) }
            try file.write(bytes, at: start)
            if records.contains(where: \.isUrgent) { try file.syncData() }
        } catch {
            try? file.resize(to: start)
            throw StorageError(error, operation: "write", path: path)
        }
        contents.byteCount += bytes.count
        for record in records { Self.apply(record, to: &contents) }
    }

    private static func apply(_ record: ResumeRecord, to contents: inout Contents) {
        let wasClosedCleanly = contents.state.wasClosedCleanly
        contents.state.apply(record)
        contents.state.wasClosedCleanly = wasClosedCleanly
        switch record {
        case .verified(let runs), .lost(let runs), .suspect(let runs):
            runs.forEachPiece { contents.flushing?.remove($0) }
        default: break
        }
    }

    /// Rewrites the whole journal and replaces the old file atomically.
    private func compact(_ contents: inout Contents) throws(StorageError) {
        let format = ResumeFormat(nonce: .random(in: 0...UInt64.max))
        var bytes = format.header(identity)
        for record in contents.state.records { bytes += format.frame(record, at: bytes.count) }
        let file = try naming("write", path) { () throws(SystemError) in
            // The file is locked before it gets its name, so no other process can take it first.
            try SmallFile.replace(name, in: folder, with: bytes) { file throws(SystemError) in try file.lock() }
        }
        contents.file = file
        contents.format = format
        contents.byteCount = bytes.count
        contents.compactByteCount = bytes.count
    }

    private func sync(_ contents: Contents) throws(StorageError) {
        try naming("flush", path) { () throws(SystemError) in try contents.file?.syncData() }
    }

    private static func openLocked(
        _ name: String,
        in folder: Descriptor,
        path: String
    ) throws(StorageError) -> Descriptor {
        do throws(SystemError) {
            return try folder.openLocked(name)
        } catch {
            guard error.isLocked else { throw StorageError(error, operation: "open", path: path) }
            throw StorageError(.inUse, operation: "open", path: path, reason: "another process has this torrent open")
        }
    }

    /// Reads the file's state, and whether records can be appended to it.
    private static func load(
        _ file: Descriptor,
        _ path: String,
        _ identity: ResumeIdentity,
        _ limits: StorageLimits
    ) throws(StorageError) -> (Contents, isWhole: Bool) {
        let bytes = try naming("read", path) { () throws(SystemError) in try file.readAll(limit: limits.journalBytes) }
        switch ResumeFormat.read(bytes, identity) {
        case .unreadable:
            let state = ResumeState(pieceCount: identity.pieceCount)
            return (Contents(file: file, format: .init(nonce: 0), state: state), false)
        case .foreign:
            throw StorageError(.corrupt, operation: "open", path: path, reason: "it belongs to another torrent")
        case .state(var state, let format, let byteCount, let end):
            if case .damaged = end { state.suspectAll() }
            var contents = Contents(file: file, format: format, state: state)
            contents.byteCount = byteCount
            contents.compactByteCount = byteCount
            let isSmall = byteCount < limits.journalGrowthBytes
            if case .plain = end, isSmall { return (contents, true) }
            return (contents, false)
        }
    }
}

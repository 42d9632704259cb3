// SPDX-License-Identifier: Apache-2.0

public import RucheWire
internal import Synchronization

/// What is known of a torrent's data, written down as it happens, so that it outlives a kill at any moment.
///
/// One file, only ever appended to, each record checked; docs/RESUME.md has the format and why it can be relied on. Owner: the
/// torrent. Calls block and may come from any thread. A piece's bytes are written to the store before `append(verified:)`.
public final class ResumeJournal: Sendable {
    /// Where it is.
    public let path: String
    /// Which torrent it is about.
    public let identity: ResumeIdentity

    private let folder: Descriptor
    private let name: String
    private let limits: StorageLimits
    private let contents: Mutex<Contents>
    /// One checkpoint at a time; held around the store's flush.
    private let checkpointing = Mutex(())

    private struct Contents {
        /// Nil once closed.
        var file: Descriptor?
        var format: ResumeFormat
        /// Where the next record goes.
        var byteCount = 0
        /// `byteCount` when everything was last written anew.
        var compactByteCount = 0
        var state: ResumeState
        /// Unflushed pieces that a flush under way will cover, unless something happens to them meanwhile.
        var flushing: Bitfield?
    }

    /// Opens the journal at `path`, or begins one; the state it leads to is in `state`.
    ///
    /// `changed` tells which verified pieces can no longer be vouched for, `FileStore.changedPieces(since:)` for files: they come
    /// back as suspects.
    ///
    /// - Throws: `.inUse` where another process has it, `.corrupt` where it is another torrent's.
    public static func open(
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
        let (folderPath, name) = FilePath.split(path)
        self.name = name
        let folder = try naming("open", path) { () throws(SystemError) in
            try Descriptor.makeFolders(path: folderPath)
            return try Descriptor.open(path: folderPath, .folder)
        }
        self.folder = folder
        let file = try Self.openLocked(name, in: folder, path: path)
        let (found, isWhole) = try Self.load(file, path, identity, limits)
        contents = Mutex(found)
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

    /// What is known now. `wasClosedCleanly` and `isFresh` stay as they were found.
    public var state: ResumeState { contents.withLock { $0.state } }

    // MARK: What happens to pieces

    /// Notes that `pieces` were found right, and are written.
    ///
    /// - Throws: `StorageError` where the journal cannot be written; it stays as it was.
    public func append(verified pieces: some Sequence<PieceIndex>) throws(StorageError) {
        try append([.verified(PieceRuns(pieces))])
    }

    /// Notes that `pieces` are not right, or not there any more, before they are written again.
    ///
    /// - Throws: `StorageError` where the journal cannot be written; it stays as it was.
    public func append(lost pieces: some Sequence<PieceIndex>) throws(StorageError) {
        try append([.lost(PieceRuns(pieces))])
    }

    // MARK: What else is remembered

    /// Notes what files look like now: one that was just finished, after `FileStore.finish(file:)`.
    ///
    /// - Throws: `StorageError` where the journal cannot be written; it stays as it was.
    public func append(facts: [Int: FileFacts]) throws(StorageError) { try append(ResumeRecord.records(of: facts)) }

    /// Notes that `file` is about to be made, and will have this inode.
    ///
    /// - Throws: `StorageError` where the journal cannot be written; it stays as it was.
    public func append(made file: Int, inode: UInt64) throws(StorageError) { try append([.made([file: inode])]) }

    /// Notes sums.
    ///
    /// - Throws: `StorageError` where the journal cannot be written; it stays as it was.
    public func append(totals: ResumeTotals) throws(StorageError) { try append([.totals(totals)]) }

    // MARK: Reaching the disk

    /// Flushes `store`, then notes that all pieces verified before would survive a power cut.
    ///
    /// - Throws: `StorageError` where the journal cannot be flushed, and the pieces stay noted as not flushed; or where the
    ///   store cannot, and they become suspects: the system may have forgotten what it could not write, and a later flush
    ///   says nothing about it. Append those that are written again.
    public func checkpoint(flushing store: some PieceStore) throws(StorageError) {
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

    /// A flush has failed. Where this cannot be written down either, a restart of the system has the same effect.
    private func doubtUnflushed() {
        contents.withLock { contents in
            let doubted = PieceRuns(contents.state.unflushed.indices)
            do throws(StorageError) { try append([.suspect(doubted)], to: &contents) } catch {}
        }
    }

    /// The last call: a checkpoint, what the files look like, and that nothing more will happen to them.
    ///
    /// - Throws: `StorageError` as `checkpoint(flushing:)` does; the file is closed all the same.
    public func close(flushing store: some PieceStore, facts: [Int: FileFacts]) throws(StorageError) {
        defer { abandon() }
        try checkpoint(flushing: store)
        try append(ResumeRecord.records(of: facts) + [.closed])
    }

    /// Forgets the torrent: deletes the file.
    ///
    /// - Throws: `StorageError` where the file cannot be deleted.
    public func remove() throws(StorageError) {
        abandon()
        try naming("remove", path) { () throws(SystemError) in try folder.remove(name) }
    }

    /// Lets go of the file, as a kill would.
    public func abandon() {
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
            // All is written already: where there is no room for a second copy, the next attempt comes after as much again.
            do throws(StorageError) { try compact(&contents) } catch { contents.compactByteCount = contents.byteCount }
        }
    }

    /// One write for the whole batch.
    private func append(_ records: [ResumeRecord], to contents: inout Contents) throws(StorageError) {
        guard let file = contents.file else {
            throw StorageError(.io, operation: "write", path: path, reason: "it was closed")
        }
        let start = contents.byteCount
        var bytes: [UInt8] = []
        for record in records { bytes += contents.format.frame(record, at: start + bytes.count) }
        do throws(SystemError) {
            // What an earlier failure left behind must not stand after a shorter batch.
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

    /// Writes everything anew, and puts it in the old file's place at once.
    private func compact(_ contents: inout Contents) throws(StorageError) {
        let format = ResumeFormat(nonce: .random(in: 0...UInt64.max))
        var bytes = format.header(identity)
        for record in contents.state.records { bytes += format.frame(record, at: bytes.count) }
        let file = try naming("write", path) { () throws(SystemError) in
            // Locked before it has its name, so that nobody can come in between.
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

    /// What the file says, and whether it can be appended to as it is.
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

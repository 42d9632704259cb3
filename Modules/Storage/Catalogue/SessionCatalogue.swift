// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Records the torrents of a session as they are added, change and leave, so a kill at any moment loses none of them.
///
/// One file, to which records are appended until it is rewritten; docs/RESUME.md describes the format. Once `put` or
/// `remove` returns, the change survives a kill, and after the next `checkpoint` a power cut as well. Owner: the
/// session. Calls block and may come from any thread.
package final class SessionCatalogue: Sendable {
    /// The file's name in the state folder.
    package static let name = "session.catalogue"

    private let path: String
    private let folder: Descriptor
    private let limits: StorageLimits
    private let contents: Locked<Contents>

    private struct Contents {
        /// The open file; nil once closed.
        var file: Descriptor?
        var format: CatalogueFormat
        /// The offset of the next record.
        var byteCount: Int
        /// The number of current records, and of those that later ones have replaced.
        var liveCount: Int
        var voidCount: Int
        var isUnflushed = false
        /// The names of saved metainfo that a power cut might lose.
        var unflushedCopies: Set<String> = []
    }

    /// The result of opening a catalogue.
    package struct Opened: Sendable {
        package let catalogue: SessionCatalogue
        /// The torrents in the order in which they were added to the session.
        package let entries: [CatalogueEntry]
        /// Bytes that were not records. They are kept in `session.catalogue.damaged`.
        package let damagedByteCount: Int
    }

    /// Opens the catalogue in `folder`, or creates it. Throws `.inUse` if another session has it open.
    package static func open(in folder: String, limits: StorageLimits = .init()) throws(StorageError) -> Opened {
        let path = "\(folder)/\(name)"
        do throws(SystemError) {
            try Descriptor.makeFolders(path: folder)
            let state = try Descriptor.open(path: folder, .folder)
            let file = try state.openLocked(name)
            let bytes = try file.readAll(limit: limits.journalBytes)
            let reading = CatalogueFormat.read(bytes)
            let isDamaged = reading.map { $0.damagedByteCount > 0 } ?? !bytes.isEmpty
            if isDamaged { _ = try SmallFile.replace(name + ".damaged", in: state, with: bytes) }
            let catalogue = SessionCatalogue(path, state, file, reading, limits)
            let entries = reading?.entries ?? []
            if isDamaged || reading == nil || reading.map({ $0.voidCount > $0.entries.count }) == true {
                try catalogue.contents.withLock { contents throws(SystemError) in
                    try catalogue.rewrite(entries, &contents)
                }
            }
            return Opened(
                catalogue: catalogue,
                entries: entries,
                damagedByteCount: reading?.damagedByteCount ?? bytes.count
            )
        } catch {
            guard error.isLocked else { throw StorageError(error, operation: "open", path: path) }
            throw StorageError(.inUse, operation: "open", path: path, reason: "another session has this state folder")
        }
    }

    private init(
        _ path: String,
        _ folder: Descriptor,
        _ file: Descriptor,
        _ reading: CatalogueFormat.Reading?,
        _ limits: StorageLimits
    ) {
        self.path = path
        self.folder = folder
        self.limits = limits
        contents = Locked(
            Contents(
                file: file,
                format: reading?.format ?? CatalogueFormat(nonce: 0),
                byteCount: reading?.byteCount ?? 0,
                liveCount: reading?.entries.count ?? 0,
                voidCount: reading?.voidCount ?? 0
            )
        )
    }

    /// Records the state of a torrent. `entry` is called under the lock, so the latest state is written last; if it
    /// returns nil, nothing is written. `isNew` tells that the torrent has just been added.
    package func put(isNew: Bool, _ entry: () -> CatalogueEntry?) throws(StorageError) {
        try change { contents in
            guard let entry = entry() else { return nil }
            if isNew { contents.liveCount += 1 } else { contents.voidCount += 1 }
            return .put(entry)
        }
    }

    /// Records that a torrent has left.
    package func remove(_ hashes: InfoHashes) throws(StorageError) {
        try change { contents in
            contents.liveCount -= 1
            contents.voidCount += 2
            contents.unflushedCopies.remove(StateFolder.metainfoName(hashes))
            return .removed(hashes)
        }
    }

    /// Saves a torrent's metainfo next to the catalogue, under the `hashes` that the session knows it by. The copy
    /// survives a power cut after the next checkpoint.
    package func save(_ metainfo: Metainfo, of hashes: InfoHashes) throws(StorageError) {
        let name = StateFolder.metainfoName(hashes)
        let bytes = metainfo.encoded()
        try naming("save", name) { () throws(SystemError) in
            _ = try SmallFile.replace(name, in: folder, with: bytes, isDurable: false)
        }
        contents.withLock { _ = $0.unflushedCopies.insert(name) }
    }

    /// Deletes the saved metainfo of a torrent.
    package func removeCopy(of hashes: InfoHashes) throws(StorageError) {
        let name = StateFolder.metainfoName(hashes)
        try naming("remove", name) { () throws(SystemError) in _ = try folder.remove(name) }
    }

    /// Flushes everything recorded so far, so that it survives a power cut.
    package func checkpoint() throws(StorageError) {
        let (file, copies) = contents.withLock { contents in
            defer {
                contents.isUnflushed = false
                contents.unflushedCopies = []
            }
            return (contents.isUnflushed ? contents.file : nil, contents.unflushedCopies)
        }
        try naming("flush", path) { () throws(SystemError) in
            for copy in copies {
                // A copy that has been deleted meanwhile needs no flush.
                guard try folder.status(of: copy) != nil else { continue }
                try folder.open(copy, .reading).syncData()
            }
            if !copies.isEmpty { try folder.syncFolder() }
            try file?.syncData()
        }
    }

    /// Flushes and closes the catalogue. No calls may follow.
    package func close() throws(StorageError) {
        try checkpoint()
        let closing = contents.withLock { contents in
            defer { contents.file = nil }
            return contents.file
        }
        _ = closing
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

    private func change(_ makeRecord: (inout Contents) -> CatalogueRecord?) throws(StorageError) {
        do throws(SystemError) {
            try contents.withLock { contents throws(SystemError) in
                let old = (contents.liveCount, contents.voidCount)
                guard let file = contents.file, let record = makeRecord(&contents) else { return }
                let bytes = contents.format.frame(record)
                do throws(SystemError) {
                    // Bytes left behind by a failed write must not follow a shorter record.
                    if try file.status().size != contents.byteCount { try file.resize(to: contents.byteCount) }
                    try file.write(bytes, at: contents.byteCount)
                } catch {
                    (contents.liveCount, contents.voidCount) = old
                    throw error
                }
                contents.byteCount += bytes.count
                contents.isUnflushed = true
                if contents.voidCount > max(Self.voidCountLimit, contents.liveCount) { try rewrite(file, &contents) }
            }
        } catch {
            throw StorageError(error, operation: "write", path: path)
        }
    }

    /// Minimum number of replaced records before the file is rewritten.
    private static let voidCountLimit = 4_096

    private func rewrite(_ file: Descriptor, _ contents: inout Contents) throws(SystemError) {
        let bytes = try file.readAll(limit: limits.journalBytes)
        try rewrite(CatalogueFormat.read(bytes)?.entries ?? [], &contents)
    }

    /// Rewrites the whole catalogue and replaces the old file atomically.
    private func rewrite(_ entries: [CatalogueEntry], _ contents: inout Contents) throws(SystemError) {
        let format = CatalogueFormat(nonce: .random(in: 0...UInt64.max))
        var bytes = format.header
        for entry in entries { bytes += format.frame(.put(entry)) }
        // The file is locked before it gets its name, so no other process can take it first.
        let file = try SmallFile.replace(Self.name, in: folder, with: bytes) { file throws(SystemError) in
            try file.lock()
        }
        contents.file = file
        contents.format = format
        contents.byteCount = bytes.count
        contents.liveCount = entries.count
        contents.voidCount = 0
    }
}

// SPDX-License-Identifier: Apache-2.0

package import RucheWire
internal import Synchronization

/// The torrents of a session, written down as they come, change and go, so that they outlive a kill at any moment.
///
/// One file, only ever appended to until it is written anew; docs/RESUME.md has the format. What `put` and `remove` have
/// returned from survives a kill; a power cut too, after the next `checkpoint`. Owner: the session. Calls block and may
/// come from any thread.
package final class SessionCatalogue: Sendable {
    /// The file's name in the state folder.
    package static let name = "session.catalogue"

    private let path: String
    private let folder: Descriptor
    private let limits: StorageLimits
    private let contents: Mutex<Contents>

    private struct Contents {
        /// Nil once closed.
        var file: Descriptor?
        var format: CatalogueFormat
        /// Where the next record goes.
        var byteCount: Int
        /// Records that count, and those that later ones have made void.
        var liveCount: Int
        var voidCount: Int
        var isUnflushed = false
        /// Saved metainfo that a power cut might take.
        var unflushedCopies: Set<String> = []
    }

    /// What was found.
    package struct Opened: Sendable {
        package let catalogue: SessionCatalogue
        /// In the order in which they came into the session.
        package let entries: [CatalogueEntry]
        /// Bytes that were no record, and are kept beside as `session.catalogue.damaged`.
        package let damagedByteCount: Int
    }

    /// Opens the catalogue in `folder`, or begins one. Throws `.inUse` where another session has it.
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
        contents = Mutex(
            Contents(
                file: file,
                format: reading?.format ?? CatalogueFormat(nonce: 0),
                byteCount: reading?.byteCount ?? 0,
                liveCount: reading?.entries.count ?? 0,
                voidCount: reading?.voidCount ?? 0
            )
        )
    }

    /// Notes how a torrent stands. `entry` is asked while nobody else writes, so that the last word is the latest; nil:
    /// there is nothing to note. `isNew`: the torrent has come just now.
    package func put(isNew: Bool, _ entry: () -> CatalogueEntry?) throws(StorageError) {
        try change { contents in
            guard let entry = entry() else { return nil }
            if isNew { contents.liveCount += 1 } else { contents.voidCount += 1 }
            return .put(entry)
        }
    }

    /// Notes that a torrent has left.
    package func remove(_ hashes: InfoHashes) throws(StorageError) {
        try change { contents in
            contents.liveCount -= 1
            contents.voidCount += 2
            contents.unflushedCopies.remove(StateFolder.metainfoName(hashes))
            return .removed(hashes)
        }
    }

    /// Saves a torrent's metainfo beside the catalogue; the next checkpoint makes it outlive a power cut.
    /// `hashes`: those that the session knows it by.
    package func save(_ metainfo: Metainfo, of hashes: InfoHashes) throws(StorageError) {
        let name = StateFolder.metainfoName(hashes)
        let bytes = metainfo.encoded()
        try naming("save", name) { () throws(SystemError) in
            _ = try SmallFile.replace(name, in: folder, with: bytes, isDurable: false)
        }
        contents.withLock { _ = $0.unflushedCopies.insert(name) }
    }

    /// Deletes the copy.
    package func removeCopy(of hashes: InfoHashes) throws(StorageError) {
        let name = StateFolder.metainfoName(hashes)
        try naming("remove", name) { () throws(SystemError) in _ = try folder.remove(name) }
    }

    /// Afterwards, a power cut costs nothing that was noted before.
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
                // One that has gone meanwhile needs none.
                guard try folder.status(of: copy) != nil else { continue }
                try folder.open(copy, .reading).syncData()
            }
            if !copies.isEmpty { try folder.syncFolder() }
            try file?.syncData()
        }
    }

    /// The last call.
    package func close() throws(StorageError) {
        try checkpoint()
        let closing = contents.withLock { contents in
            defer { contents.file = nil }
            return contents.file
        }
        _ = closing
    }

    /// Lets go of the file, as a kill would.
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
                    // What an earlier failure left behind must not stand after a shorter record.
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

    /// Void records, at the least, before the file is written anew.
    private static let voidCountLimit = 4_096

    private func rewrite(_ file: Descriptor, _ contents: inout Contents) throws(SystemError) {
        let bytes = try file.readAll(limit: limits.journalBytes)
        try rewrite(CatalogueFormat.read(bytes)?.entries ?? [], &contents)
    }

    /// Writes everything anew, and puts it in the old file's place at once.
    private func rewrite(_ entries: [CatalogueEntry], _ contents: inout Contents) throws(SystemError) {
        let format = CatalogueFormat(nonce: .random(in: 0...UInt64.max))
        var bytes = format.header
        for entry in entries { bytes += format.frame(.put(entry)) }
        // Locked before it has its name, so that nobody can come in between.
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

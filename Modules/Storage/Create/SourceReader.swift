// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Opens and reads the files of a source, and checks that each is as the walk found it.
struct SourceReader: SegmentReader {
    private let source: String
    private let root: Descriptor?
    private let followsLinks: Bool
    private let entries: [SourceEntry]
    /// The file that was read last, by its index in `entries`.
    private var open: (file: Int, descriptor: Descriptor)?
    /// For each file of the layout, the index of its entry; nil for padding.
    let sources: [Int?]

    /// Reads `entries` of `source` at the positions that `layout` gives them: the same files in the same order, with
    /// padding between them.
    init(
        source: String,
        entries: [SourceEntry],
        layout: [FileEntry],
        followsLinks: Bool = false
    ) throws(TorrentCreationError) {
        self.source = source
        self.followsLinks = followsLinks
        self.entries = entries
        var next = 0
        sources = layout.map { file in
            guard !file.isPadding else { return nil }
            defer { next += 1 }
            return next
        }
        do throws(StorageError) {
            let isFolder = entries.first?.path.isEmpty == false
            root = try naming("open", source) { () throws(SystemError) in
                isFolder ? try Descriptor.open(path: source, .folder) : nil
            }
        } catch {
            throw TorrentCreationError(error)
        }
    }

    mutating func read(_ segment: PieceSegment, into out: UnsafeMutableRawBufferPointer) throws(StorageError) {
        guard let entry = sources[segment.file] else {
            out.initializeMemory(as: UInt8.self, repeating: 0)
            return
        }
        let descriptor = try descriptor(of: entry)
        let count = try naming("read", path(of: entry)) { () throws(SystemError) in
            try descriptor.read(into: out, at: segment.offsetInFile)
        }
        guard count == out.count else { throw changed(entry) }
    }

    /// Returns an error for the first file whose size or time differs from what the walk found.
    func findChange() -> StorageError? {
        for (index, entry) in entries.enumerated() {
            guard case .file(let expected) = entry.content else { continue }
            do throws(SystemError) {
                guard let status = try status(of: entry), Self.isSame(status, expected) else { return changed(index) }
            } catch {
                return StorageError(error, operation: "read", path: path(of: index))
            }
        }
        return nil
    }

    private func status(of entry: SourceEntry) throws(SystemError) -> FileStatus? {
        guard let root, let name = entry.path.last else { return try Descriptor.status(path: source) }
        if followsLinks { return try Descriptor.status(path: fullPath(entry)) }
        return try root.folder(entry.path.dropLast(), creating: false).status(of: name)
    }

    private mutating func descriptor(of entry: Int) throws(StorageError) -> Descriptor {
        if let open, open.file == entry { return open.descriptor }
        let path = entries[entry].path
        let whole = fullPath(entries[entry])
        let descriptor = try naming("open", self.path(of: entry)) { () throws(SystemError) in
            guard let root, let name = path.last else { return try Descriptor.open(path: source, .reading) }
            if followsLinks { return try Descriptor.open(path: whole, .reading) }
            return try root.folder(path.dropLast(), creating: false).open(name, .reading)
        }
        let status = try naming("read", self.path(of: entry)) { () throws(SystemError) in try descriptor.status() }
        guard case .file(let expected) = entries[entry].content, Self.isSame(status, expected) else {
            throw changed(entry)
        }
        open = (entry, descriptor)
        return descriptor
    }

    private static func isSame(_ status: FileStatus, _ expected: FileStatus) -> Bool {
        status.kind == .file && status.size == expected.size
            && status.modifiedNanoseconds == expected.modifiedNanoseconds
    }

    private func changed(_ entry: Int) -> StorageError {
        StorageError(.changed, operation: "read", path: path(of: entry), reason: "it changed while it was read")
    }

    private func path(of entry: Int) -> String { fullPath(entries[entry]) }

    private func fullPath(_ entry: SourceEntry) -> String { ([source] + entry.path).joined(separator: "/") }
}

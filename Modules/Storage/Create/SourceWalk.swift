// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Finds everything below a folder, hidden files included, in the order that BEP 52 requires: by name, compared byte by
/// byte, folder by folder.
///
/// Symbolic links are listed, and followed only if the options say so. The source itself may be a link.
struct SourceWalk {
    private let source: String
    private let options: TorrentOptions
    private let limits: WireLimits
    /// The folders above the current one, by device and inode, to detect links that lead in circles.
    private var above: [[UInt64]] = []
    private(set) var entries: [SourceEntry] = []
    private(set) var skipped: [SkippedEntry] = []

    /// Walks `source`, a file or a folder.
    init(
        _ source: String,
        options: TorrentOptions = TorrentOptions(),
        limits: WireLimits = .standard
    ) throws(TorrentCreationError) {
        self.source = source
        self.options = options
        self.limits = limits
        let status = try describing([]) { () throws(SystemError) in try Descriptor.status(path: source) }
        switch status.kind {
        case .file:
            entries = [SourceEntry(path: [], content: .file(status))]
        case .folder:
            let folder = try describing([]) { () throws(SystemError) in try Descriptor.open(path: source, .folder) }
            try walk(folder, path: [])
        case .symlink, .other:
            throw TorrentCreationError(.unsupportedEntry, path: source, reason: "it is neither a file nor a folder")
        }
        resolveLinks()
    }

    private mutating func walk(_ folder: Descriptor, path: [String]) throws(TorrentCreationError) {
        guard path.count < limits.metainfoPathDepth else {
            let reason = "it is nested deeper than \(limits.metainfoPathDepth) folders"
            throw TorrentCreationError(.limit, path: fullPath(path), reason: reason)
        }
        let (names, status) = try describing(path) { () throws(SystemError) in
            (try folder.names(), try folder.status())
        }
        if names.isEmpty, !path.isEmpty { skipped.append(SkippedEntry(path: path, reason: .emptyFolder)) }
        above.append([status.device, status.inode])
        defer { above.removeLast() }
        for bytes in names {
            guard let name = String(validating: bytes, as: UTF8.self) else {
                let shown = path + [String(decoding: bytes, as: UTF8.self)]
                let reason = "the name is not UTF-8, which names in a torrent must be"
                try leaveOut(
                    shown,
                    .invalidName,
                    TorrentCreationError(.invalidName, path: fullPath(shown), reason: reason)
                )
                continue
            }
            if isExcluded(name, path + [name]) { continue }
            try visit(name, in: folder, path: path + [name])
        }
    }

    private mutating func visit(_ name: String, in folder: Descriptor, path: [String]) throws(TorrentCreationError) {
        var status = try describing(path) { () throws(SystemError) in try folder.status(of: name) }
        var isFollowed = false
        if options.followsLinks, status?.kind == .symlink, let target = try? Descriptor.status(path: fullPath(path)) {
            (status, isFollowed) = (target, true)
        }
        guard let status else {
            throw TorrentCreationError(.changed, path: fullPath(path), reason: "it is gone")
        }
        if status.kind == .file || status.kind == .folder, !folder.canRead(name) {
            let error = TorrentCreationError(.unreadable, path: fullPath(path), reason: "you may not read it")
            return try leaveOut(path, .unreadable, error)
        }
        switch status.kind {
        case .folder where isFollowed && above.contains([status.device, status.inode]):
            skipped.append(SkippedEntry(path: path, reason: .strayLink))
        case .folder:
            let whole = fullPath(path)
            let inner = try describing(path) { () throws(SystemError) in
                try isFollowed ? Descriptor.open(path: whole, .folder) : folder.open(name, .folder)
            }
            try walk(inner, path: path)
        case .file:
            try append(SourceEntry(path: path, content: .file(status)))
        case .symlink:
            let text = try describing(path) { () throws(SystemError) in try folder.linkTarget(name) }
            try append(SourceEntry(path: path, content: .link(text)))
        case .other:
            skipped.append(SkippedEntry(path: path, reason: .specialFile))
        }
    }

    /// Skips an entry that cannot be shared, if the options allow that.
    private mutating func leaveOut(
        _ path: [String],
        _ reason: SkippedEntry.Reason,
        _ error: TorrentCreationError
    ) throws(TorrentCreationError) {
        guard options.unsupportedEntries == .skip else { throw error }
        skipped.append(SkippedEntry(path: path, reason: reason))
    }

    private func isExcluded(_ name: String, _ path: [String]) -> Bool {
        options.exclusions.contains { pattern in
            pattern.utf8.contains(UInt8(ascii: "/"))
                ? ShellPattern.matches(pattern, path.joined(separator: "/")) : ShellPattern.matches(pattern, name)
        }
    }

    private mutating func append(_ entry: SourceEntry) throws(TorrentCreationError) {
        guard entries.count < limits.metainfoFileCount else {
            throw TorrentCreationError(.limit, path: source, reason: "more than \(limits.metainfoFileCount) files")
        }
        entries.append(entry)
    }

    private mutating func resolveLinks() {
        let links = SourceLinks(entries)
        var resolved: [SourceEntry] = []
        for var entry in entries {
            if case .link = entry.content {
                guard let target = links.target(of: entry) else {
                    skipped.append(SkippedEntry(path: entry.path, reason: .strayLink))
                    continue
                }
                entry.target = target
            }
            resolved.append(entry)
        }
        entries = resolved
    }

    private func describing<R>(
        _ path: [String],
        _ body: () throws(SystemError) -> R
    ) throws(TorrentCreationError) -> R {
        do throws(StorageError) {
            return try naming("read", fullPath(path), body)
        } catch {
            throw TorrentCreationError(error)
        }
    }

    private func fullPath(_ path: [String]) -> String { ([source] + path).joined(separator: "/") }
}

// SPDX-License-Identifier: Apache-2.0

/// Resolves the symbolic links of a torrent, only to its own files and folders.
///
/// A target is relative to the torrent's root (BEP 47) or, if nothing is there, to the link's own folder, as many
/// torrents have it. A link that leads out of the torrent, nowhere or in a circle has no target.
///
/// Each link is followed once and its result kept, so the work is linear in the bytes of all targets.
struct SymlinkResolver {
    /// Maximum number of links followed in a row; file systems have a similar limit.
    private static let maxHops = 40

    private struct Key: Hashable {
        let folder: Int
        let name: ArraySlice<UInt8>

        func hash(into hasher: inout Hasher) {
            hasher.combine(folder)
            name.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    /// A file or folder in the torrent, by its number.
    private enum Node {
        case file(Int)
        case folder(Int)
    }

    private let files: [RawFile]
    private let granted: [FileEntry]
    private let paths: FilePaths
    private var numbers: [Key: Int] = [:]
    /// Where resolved links end. The inner value is nil for nowhere, and while a link is being followed.
    private var ends: [Int: Node?] = [:]
    /// Bytes of names that were looked up.
    private(set) var workByteCount = 0

    /// `granted` are the entries of `files`, with the paths from `paths`.
    init(_ files: [RawFile], granted: [FileEntry], _ paths: FilePaths) {
        self.files = files
        self.granted = granted
        self.paths = paths
        for (index, file) in files.enumerated() where !file.attributes.contains(.padding) {
            guard let name = file.name else { continue }
            let key = Key(folder: file.folder, name: name)
            if numbers[key] == nil { numbers[key] = index }
        }
    }

    /// Returns the target of the link `index`: a path that starts with the torrent's name and leads to a file or folder
    /// of the torrent.
    mutating func target(of index: Int) -> [String]? {
        for candidate in candidates(of: index) where end(of: candidate, hops: 0) != nil {
            return grantedPath(of: candidate)
        }
        return nil
    }

    /// Returns the possible meanings of the link's target, the specification's first; never the link itself.
    private func candidates(of link: Int) -> [[ArraySlice<UInt8>]] {
        guard let target = files[link].symlinkTarget else { return [] }
        let folder = paths.raw.path(of: files[link].folder)
        let own = files[link].name.map { folder + [$0] }
        let fromRoot = normalised(target, from: [])
        let fromFolder = folder.isEmpty ? nil : normalised(target, from: folder)
        return [fromRoot, fromFolder].compactMap { $0 == own ? nil : $0 }
    }

    /// Returns where `path` ends after following every link on it; nil if that is not in the torrent.
    ///
    /// Recursive, at most `maxHops` deep.
    private mutating func end(of path: [ArraySlice<UInt8>], hops: Int) -> Node? {
        var node = Node.folder(RawFolders.root)
        for name in path {
            guard case .folder(let folder) = node, let next = look(up: name, in: folder) else { return nil }
            node = next
            guard case .file(let file) = next, files[file].symlinkTarget != nil else { continue }
            guard let end = end(ofLink: file, hops: hops) else { return nil }
            node = end
        }
        return node
    }

    private mutating func end(ofLink link: Int, hops: Int) -> Node? {
        if let known = ends[link] { return known }
        guard hops < Self.maxHops else { return nil }
        ends[link] = .some(nil)
        var found: Node?
        for candidate in candidates(of: link) where found == nil { found = end(of: candidate, hops: hops + 1) }
        ends[link] = .some(found)
        return found
    }

    private mutating func look(up name: ArraySlice<UInt8>, in folder: Int) -> Node? {
        workByteCount += name.count + 1
        if let file = numbers[Key(folder: folder, name: name)] { return .file(file) }
        guard let inner = paths.raw.find(name, in: folder), paths.grantedPath(of: inner) != nil else { return nil }
        return .folder(inner)
    }

    /// Converts `path` to granted names; below a link, to safe names.
    private mutating func grantedPath(of path: [ArraySlice<UInt8>]) -> [String] {
        var result: [String] = []
        var folder: Int? = RawFolders.root
        for name in path {
            switch folder.flatMap({ look(up: name, in: $0) }) {
            case .folder(let inner):
                result = paths.grantedPath(of: inner) ?? result
                folder = inner
            case .file(let file):
                result = granted[file].path
                folder = nil
            case nil:
                result.append(PathSanitiser.component(name))
                folder = nil
            }
        }
        return result
    }

    /// Resolves `.` and `..` in `target` relative to `folder`; nil if it climbs above the torrent's root.
    private func normalised(
        _ target: [ArraySlice<UInt8>],
        from folder: [ArraySlice<UInt8>]
    ) -> [ArraySlice<UInt8>]? {
        var path = folder
        for component in target {
            if component.elementsEqual(".".utf8) || component.isEmpty { continue }
            guard component.elementsEqual("..".utf8) else {
                path.append(component)
                continue
            }
            guard path.popLast() != nil else { return nil }
        }
        return path.isEmpty ? nil : path
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Finds what symbolic links of a torrent point to, among the torrent's own files and folders only.
///
/// A target counts from the torrent's root (BEP 47); where nothing is there, from the link's own folder, as many makers
/// have it. A link that leads out of the torrent, nowhere or in a circle has no target.
///
/// Each link is followed once and its end kept, so the work is linear in the bytes of all targets.
struct SymlinkResolver {
    /// Links that lead to one another, as file systems have it.
    private static let maxHops = 40

    private struct Key: Hashable {
        let folder: Int
        let name: ArraySlice<UInt8>

        func hash(into hasher: inout Hasher) {
            hasher.combine(folder)
            name.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    /// A place in the torrent, by the numbers of files and folders.
    private enum Node {
        case file(Int)
        case folder(Int)
    }

    private let files: [RawFile]
    private let granted: [FileEntry]
    private let paths: FilePaths
    private var numbers: [Key: Int] = [:]
    /// Where links end that were followed already; nil inside for nowhere, and while they are being followed.
    private var ends: [Int: Node?] = [:]
    /// Bytes of names that were looked up.
    private(set) var workByteCount = 0

    /// `granted` are the entries of `files`, with the paths that `paths` gave them.
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

    /// Where the link `index` may point: a path with the torrent's name first, that ends at a file or folder of the torrent.
    mutating func target(of index: Int) -> [String]? {
        for candidate in candidates(of: index) where end(of: candidate, hops: 0) != nil {
            return grantedPath(of: candidate)
        }
        return nil
    }

    /// The places that the link's target may mean, the one the specification has it mean first; never the link itself.
    private func candidates(of link: Int) -> [[ArraySlice<UInt8>]] {
        guard let target = files[link].symlinkTarget else { return [] }
        let folder = paths.raw.path(of: files[link].folder)
        let own = files[link].name.map { folder + [$0] }
        let fromRoot = normalised(target, from: [])
        let fromFolder = folder.isEmpty ? nil : normalised(target, from: folder)
        return [fromRoot, fromFolder].compactMap { $0 == own ? nil : $0 }
    }

    /// Where `path` ends once every link on its way is followed; nil where that is nowhere in the torrent.
    ///
    /// Recursive, no deeper than `maxHops`.
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

    /// `path` in the names that were granted; below a link, in safe names.
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

    /// `target` from `folder`, with `.` and `..` worked out; nil where it climbs above the torrent's root.
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

// SPDX-License-Identifier: Apache-2.0

/// Assigns each file a unique path that is not another file's folder either.
///
/// A later file or folder that conflicts is renamed: `name.1.ext`. Symbolic links count as files, so no path leads
/// through one. Folders are numbered, the root is 0, and looking up a name never builds a path.
///
/// The work is linear in the bytes of all names: each folder is entered once, and a number that was tried for a name is
/// not tried again (`PathSanitiser.numbered` maps no two names to the same one).
package struct PathTable {
    /// When two names are the same.
    package enum Comparison: Sendable {
        /// If their bytes are equal.
        case exact
        /// Also if they differ only in case or Unicode normal form, as on some file systems.
        case folding
    }

    /// The folder at the root of all paths.
    package static let root = 0

    private let comparison: Comparison
    private var files: Set<PathKey> = []
    private var folders: [PathKey: Int] = [:]
    private var paths: [[String]]
    /// Folders whose names were already files', by the requested name.
    private var renamedFolders: [PathKey: Int] = [:]
    /// The next number to try for a name.
    private var nextNumbers: [PathKey: Int] = [:]
    /// The last path passed to `enter`, and the number of each folder on it.
    private var recent: (path: [String], numbers: [Int]) = ([], [])

    /// Whether any file or folder was renamed.
    package private(set) var hasRenamed = false
    /// Bytes of names that were hashed or built: the work done.
    package private(set) var workByteCount = 0
    /// The number of components in the paths of all folders.
    private(set) var componentCount = 0

    /// Reserves room for `fileCount` files, below a folder at `rootPath`.
    package init(_ comparison: Comparison, fileCount: Int = 0, rootPath: [String] = []) {
        self.comparison = comparison
        paths = [rootPath]
        files.reserveCapacity(fileCount)
    }

    /// Returns the path granted to `folder`.
    package func path(of folder: Int) -> [String] { paths[folder] }

    /// Returns the name granted to a file that requests `name` in `folder`.
    package mutating func claim(_ name: String, in folder: Int) -> String {
        let key = makeKey(name, in: folder)
        if folders[key] == nil, files.insert(key).inserted { return name }
        let granted = makeFreeName(for: name, key)
        files.insert(makeKey(granted, in: folder))
        return granted
    }

    /// Returns the number of the folder that requests `name` in `parent`.
    package mutating func enter(_ name: String, in parent: Int) -> Int {
        let key = makeKey(name, in: parent)
        if let known = folders[key] ?? renamedFolders[key] { return known }
        guard files.contains(key) else { return add(name, in: parent, as: key) }
        let granted = makeFreeName(for: name, key)
        let number = add(granted, in: parent, as: makeKey(granted, in: parent))
        renamedFolders[key] = number
        return number
    }

    /// Returns the number of the folder at `path` from the root. Components shared with the previous path cost no
    /// lookup.
    package mutating func enter(_ path: [String]) -> Int {
        let shared = zip(path, recent.path).prefix { $0.hasSameBytes(as: $1) }.count
        recent.numbers.removeLast(recent.numbers.count - shared)
        for name in path[shared...] { recent.numbers.append(enter(name, in: recent.numbers.last ?? Self.root)) }
        recent.path = path
        return recent.numbers.last ?? Self.root
    }

    private mutating func add(_ name: String, in parent: Int, as key: PathKey) -> Int {
        let number = paths.count
        folders[key] = number
        paths.append(paths[parent] + [name])
        componentCount += paths[parent].count + 1
        return number
    }

    private mutating func makeFreeName(for name: String, _ key: PathKey) -> String {
        hasRenamed = true
        var number = nextNumbers[key] ?? 1
        while true {
            let candidate = PathSanitiser.numbered(name, number)
            let candidateKey = makeKey(candidate, in: key.folder)
            number += 1
            guard files.contains(candidateKey) || folders[candidateKey] != nil else {
                nextNumbers[key] = number
                return candidate
            }
        }
    }

    private mutating func makeKey(_ name: String, in folder: Int) -> PathKey {
        workByteCount += name.utf8.count
        return PathKey(name, in: folder, comparison)
    }
}

/// A name in one folder, equal to all names that the comparison considers the same.
private struct PathKey: Hashable {
    let folder: Int
    private let name: String
    private let isExact: Bool

    init(_ name: String, in folder: Int, _ comparison: PathTable.Comparison) {
        self.folder = folder
        isExact = comparison == .exact
        self.name = isExact || Self.isFolded(name) ? name : name.lowercased()
    }

    static func == (a: PathKey, b: PathKey) -> Bool {
        // Swift strings that differ only in normal form are equal.
        a.folder == b.folder && (a.isExact ? a.name.hasSameBytes(as: b.name) : a.name == b.name)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(folder)
        guard isExact else { return hasher.combine(name) }
        var name = name
        name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Whether the name is ASCII without capitals, as most names are.
    private static func isFolded(_ name: String) -> Bool {
        name.utf8.allSatisfy { $0 < 0x80 && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }
}

extension String {
    /// Whether this equals `other` byte for byte; `==` would also accept another normal form. Takes constant time for
    /// shared storage.
    package func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let isEqual = utf8.withContiguousStorageIfAvailable { mine in
            other.utf8.withContiguousStorageIfAvailable { theirs in
                mine.baseAddress == theirs.baseAddress || mine.elementsEqual(theirs)
            }
        }
        return (isEqual ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}

extension [String] {
    /// Whether this equals `other` name by name and byte for byte. Takes constant time for a shared array.
    package func hasSameBytes(as other: [String]) -> Bool {
        guard count == other.count else { return false }
        let isOne = withUnsafeBufferPointer { mine in
            other.withUnsafeBufferPointer { mine.baseAddress == $0.baseAddress }
        }
        return isOne || zip(self, other).allSatisfy { $0.hasSameBytes(as: $1) }
    }
}

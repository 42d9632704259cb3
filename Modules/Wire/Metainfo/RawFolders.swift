// SPDX-License-Identifier: Apache-2.0

/// The folders that an info dictionary names, each once and known by a number.
///
/// What a file costs is its own name and, in a v1 list, the bytes that spell its path there: never the length of a path
/// that a v2 tree has spelled once for many files.
struct RawFolders {
    /// The folder that stands for the torrent's name.
    static let root = 0

    private struct Key: Hashable {
        let parent: Int
        let name: ArraySlice<UInt8>

        func hash(into hasher: inout Hasher) {
            hasher.combine(parent)
            name.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    /// By number: the folder above.
    private(set) var parents = [root]
    /// By number: the name; empty for the root.
    private(set) var names: [ArraySlice<UInt8>] = [[]]
    private var numbers: [Key: Int] = [:]
    private var recent: (path: ArraySlice<ArraySlice<UInt8>>, number: Int) = ([], root)

    /// Folders, the root included.
    var count: Int { names.count }

    /// The folder `name` in `parent`, if a file was in it or below.
    func find(_ name: ArraySlice<UInt8>, in parent: Int) -> Int? { numbers[Key(parent: parent, name: name)] }

    /// The number of the folder `name` in `parent`.
    mutating func enter(_ name: ArraySlice<UInt8>, in parent: Int) -> Int {
        let key = Key(parent: parent, name: name)
        if let known = numbers[key] { return known }
        let number = names.count
        numbers[key] = number
        names.append(name)
        parents.append(parent)
        return number
    }

    /// The number of the folder that `path` leads to. Files of one folder most often follow one another.
    mutating func enter(_ path: ArraySlice<ArraySlice<UInt8>>) -> Int {
        guard path != recent.path else { return recent.number }
        recent = (path, path.reduce(Self.root) { enter($1, in: $0) })
        return recent.number
    }

    /// The names that lead to `folder`. As long as it is deep.
    func path(of folder: Int) -> [ArraySlice<UInt8>] {
        var path: [ArraySlice<UInt8>] = []
        var folder = folder
        while folder != Self.root {
            path.append(names[folder])
            folder = parents[folder]
        }
        return path.reversed()
    }
}

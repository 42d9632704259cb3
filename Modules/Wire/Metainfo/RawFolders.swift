// SPDX-License-Identifier: Apache-2.0

/// The folders in an info dictionary, each stored once and identified by a number.
///
/// A file costs its own name and, in a v1 list, the bytes that spell its path there, but never the length of a path
/// that a v2 tree spells once for many files.
struct RawFolders {
    /// The folder of the torrent's name.
    static let root = 0

    private struct Key: Hashable {
        let parent: Int
        let name: ArraySlice<UInt8>

        func hash(into hasher: inout Hasher) {
            hasher.combine(parent)
            name.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    /// The parent of each folder, by number.
    private(set) var parents = [root]
    /// The name of each folder, by number; empty for the root.
    private(set) var names: [ArraySlice<UInt8>] = [[]]
    private var numbers: [Key: Int] = [:]
    private var recent: (path: ArraySlice<ArraySlice<UInt8>>, number: Int) = ([], root)

    /// The number of folders, including the root.
    var count: Int { names.count }

    /// Returns the folder `name` in `parent`, if a file is in or below it.
    func find(_ name: ArraySlice<UInt8>, in parent: Int) -> Int? { numbers[Key(parent: parent, name: name)] }

    /// Returns the number of the folder `name` in `parent`, adding it if necessary.
    mutating func enter(_ name: ArraySlice<UInt8>, in parent: Int) -> Int {
        let key = Key(parent: parent, name: name)
        if let known = numbers[key] { return known }
        let number = names.count
        numbers[key] = number
        names.append(name)
        parents.append(parent)
        return number
    }

    /// Returns the number of the folder at `path`. Files of one folder usually follow one another.
    mutating func enter(_ path: ArraySlice<ArraySlice<UInt8>>) -> Int {
        guard path != recent.path else { return recent.number }
        recent = (path, path.reduce(Self.root) { enter($1, in: $0) })
        return recent.number
    }

    /// Returns the names that lead to `folder`. Cost: its depth.
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

// SPDX-License-Identifier: Apache-2.0

/// Hands out one path to each file, so that none is another's, nor another's folder, even where the file system does not
/// tell upper case from lower or one Unicode normal form from another.
///
/// Whoever comes second is renamed: `name.1.ext`. Since symbolic links are files here, no path leads through one.
package struct PathTable {
    /// A name in one folder, folded so that names which some file system holds for the same are equal: strings compare by
    /// canonical equivalence. Folders go by number, so that no path is put together to look a name up.
    private struct Key: Hashable {
        var folder: Int
        var name: String

        init(_ name: String, in folder: Int) {
            self.folder = folder
            self.name = Self.isFolded(name) ? name : name.lowercased()
        }

        /// Whether all is ASCII without capitals, as most names are.
        private static func isFolded(_ name: String) -> Bool {
            name.utf8.withContiguousStorageIfAvailable { bytes in
                bytes.allSatisfy { $0 < 0x80 && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            } ?? false
        }
    }

    /// The folder in which the last file was: files of one folder most often follow one another.
    private struct Recent {
        var wanted: ArraySlice<String> = []
        var granted: [String] = []
        var number = 0
    }

    private var files: Set<Key> = []
    /// Folders by their granted names; the root is 0.
    private var folders: [Key: Int] = [:]
    /// What a folder is called whose name was a file's already.
    private var renamedFolders: [Key: String] = [:]
    /// The number to try next for a name, so that many files of one name cost no more than as many names.
    private var nextNumbers: [Key: Int] = [:]
    private var recent = Recent()

    /// With room for `fileCount` files.
    package init(fileCount: Int = 0) { files.reserveCapacity(fileCount) }

    /// `path`, with its components renamed as little as makes it unique, below the folder `root`. `path` has a component
    /// or more.
    package mutating func claim(_ path: [String], below root: String) -> [String] {
        guard let name = path.last else { return [root] }
        enterFolder(path.dropLast())
        let key = Key(name, in: recent.number)
        var granted = name
        if folders[key] != nil || !files.insert(key).inserted {
            granted = makeFreeName(for: name, key)
            files.insert(Key(granted, in: recent.number))
        }
        var claimed: [String] = []
        claimed.reserveCapacity(recent.granted.count + 2)
        claimed.append(root)
        claimed += recent.granted
        claimed.append(granted)
        return claimed
    }

    private mutating func enterFolder(_ path: ArraySlice<String>) {
        guard path != recent.wanted else { return }
        recent = Recent(wanted: path)
        for name in path {
            var key = Key(name, in: recent.number)
            var granted = name
            if files.contains(key) {
                granted = renamedFolders[key] ?? makeFreeName(for: name, key)
                renamedFolders[key] = granted
                key = Key(granted, in: recent.number)
            }
            recent.granted.append(granted)
            recent.number = folders[key] ?? folders.count + 1
            folders[key] = recent.number
        }
    }

    private mutating func makeFreeName(for name: String, _ key: Key) -> String {
        var number = nextNumbers[key] ?? 1
        while true {
            let candidate = PathSanitiser.numbered(name, number)
            let candidateKey = Key(candidate, in: recent.number)
            number += 1
            guard files.contains(candidateKey) || folders[candidateKey] != nil else {
                nextNumbers[key] = number
                return candidate
            }
        }
    }
}

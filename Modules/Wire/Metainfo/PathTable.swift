// SPDX-License-Identifier: Apache-2.0

/// Hands out one path to each file, so that none is another's, nor another's folder, even where the file system does not
/// tell upper case from lower or one Unicode normal form from another.
///
/// Whoever comes second is renamed: `name.1.ext`. Since symbolic links are files here, no path leads through one.
package struct PathTable {
    private var files: Set<String> = []
    private var directories: Set<String> = []
    /// What a folder is called whose name was a file's already.
    private var renamedDirectories: [String: String] = [:]
    /// The number to try next for a name, so that many files of one name cost no more than as many names.
    private var nextNumbers: [String: Int] = [:]
    private var recent = Directory()

    private struct Directory {
        var wanted: ArraySlice<String> = []
        var granted: [String] = []
        var key = ""
    }

    package init() {}

    /// `path`, with its components renamed as little as makes it unique. `path` has a component or more.
    package mutating func claim(_ path: [String]) -> [String] {
        guard let name = path.last else { return path }
        enterDirectory(path.dropLast())
        let key = Self.key(of: name, in: recent.key)
        if !directories.contains(key), files.insert(key).inserted { return recent.granted + [name] }
        let granted = makeFreeName(for: name, key: key)
        files.insert(Self.key(of: granted, in: recent.key))
        return recent.granted + [granted]
    }

    private mutating func enterDirectory(_ path: ArraySlice<String>) {
        // Files of one folder most often follow one another.
        guard path != recent.wanted else { return }
        recent = Directory(wanted: path)
        for name in path {
            let key = Self.key(of: name, in: recent.key)
            var granted = name
            if files.contains(key) {
                granted = renamedDirectories[key] ?? makeFreeName(for: name, key: key)
                renamedDirectories[key] = granted
            }
            recent.granted.append(granted)
            recent.key = Self.key(of: granted, in: recent.key)
            directories.insert(recent.key)
        }
    }

    private mutating func makeFreeName(for name: String, key: String) -> String {
        var number = nextNumbers[key] ?? 1
        while true {
            let candidate = PathSanitiser.numbered(name, number)
            let candidateKey = Self.key(of: candidate, in: recent.key)
            number += 1
            guard files.contains(candidateKey) || directories.contains(candidateKey) else {
                nextNumbers[key] = number
                return candidate
            }
        }
    }

    /// What is equal for names that some file system holds for the same. Strings compare by canonical equivalence.
    private static func key(of name: String, in directory: String) -> String {
        directory + "/" + name.lowercased()
    }
}

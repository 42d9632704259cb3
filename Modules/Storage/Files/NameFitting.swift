// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The rules of a file system about names.
protocol NameRules {
    /// Maximum number of bytes in a name.
    var nameByteCount: Int { get }
    /// Whether a file can be called `name`.
    func holds(_ name: String) throws(SystemError) -> Bool
    /// Whether names that differ only in case or normal form are the same.
    func isFolding() throws(SystemError) -> Bool
}

/// Finds alternative names for files whose own names the file system cannot store. Pure, except for its queries to the
/// rules.
///
/// The result depends only on the torrent and the file system, so a later run finds what an earlier one wrote.
struct NameFitting {
    private let files: [FileEntry]

    init(_ files: [FileEntry]) { self.files = files }

    /// Returns the places of the files that need other names.
    func fit(to rules: some NameRules) throws(SystemError) -> [Int: FileNames.Place] {
        let isFolding = hasClashes ? try rules.isFolding() : false
        var refused: [ExactText: String] = [:]
        try findRefused(by: rules, into: &refused)
        guard isFolding || !refused.isEmpty else { return [:] }
        var table = PathTable(isFolding ? .folding : .exact, fileCount: files.count)
        var places: [Int: FileNames.Place] = [:]
        for (index, file) in files.enumerated() where !file.isPadding {
            let wanted = file.folder.map { refused[ExactText($0)] ?? $0 }
            let folder = table.enter(wanted)
            let name = table.claim(refused[ExactText(file.name)] ?? file.name, in: folder)
            let place = FileNames.Place(folder: table.path(of: folder), name: name)
            let isAtHome = place.folder.hasSameBytes(as: file.folder) && place.name.hasSameBytes(as: file.name)
            if !isAtHome { places[index] = place }
        }
        return places
    }

    /// Whether some names differ in a way that some file systems ignore.
    private var hasClashes: Bool {
        guard files.count > 1 else { return false }
        var table = PathTable(.folding, fileCount: files.count)
        for file in files where !file.isPadding {
            _ = table.claim(file.name, in: table.enter(file.folder))
            if table.hasRenamed { return true }
        }
        return false
    }

    /// Finds the names that the file system refuses, and alternatives.
    private func findRefused(
        by rules: some NameRules,
        into refused: inout [ExactText: String]
    ) throws(SystemError) {
        var folder: [String] = []
        for file in files where !file.isPadding {
            if !file.folder.hasSameBytes(as: folder) {
                folder = file.folder
                for name in folder where isDoubtful(name, rules) { try test(name, rules, &refused) }
            }
            if isDoubtful(file.name, rules) { try test(file.name, rules, &refused) }
        }
    }

    /// Whether some current file system refuses `name`. Only such names are tested.
    private func isDoubtful(_ name: String, _ rules: some NameRules) -> Bool {
        name.utf8.count > rules.nameByteCount || name.utf8.count > 127
            || !PathSanitiser.fitForWindows(name).hasSameBytes(as: name)
    }

    private func test(
        _ name: String,
        _ rules: some NameRules,
        _ refused: inout [ExactText: String]
    ) throws(SystemError) {
        guard refused[ExactText(name)] == nil, try !rules.holds(name) else { return }
        // Leaves room for a number, in case another name becomes the same.
        let short = PathSanitiser.shortened(name, toByteCount: rules.nameByteCount - PathSanitiser.numberByteCount)
        refused[ExactText(name)] = try rules.holds(short) ? short : PathSanitiser.fitForWindows(short)
    }
}

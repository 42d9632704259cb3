// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What a file system says about names.
protocol NameRules {
    /// Bytes of a name, at most.
    var nameByteCount: Int { get }
    /// Whether `name` can be a file's.
    func holds(_ name: String) throws(SystemError) -> Bool
    /// Whether names are the same that differ only in case or normal form.
    func isFolding() throws(SystemError) -> Bool
}

/// Finds other names for the files that a file system cannot keep under their own. Pure, but for what it asks the rules.
///
/// The outcome depends on the torrent and the file system alone, so a later run finds what an earlier one wrote.
struct NameFitting {
    private let files: [FileEntry]

    init(_ files: [FileEntry]) { self.files = files }

    /// The places of the files that get other names.
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

    /// Whether names differ in a way that some file systems do not see.
    private var hasClashes: Bool {
        guard files.count > 1 else { return false }
        var table = PathTable(.folding, fileCount: files.count)
        for file in files where !file.isPadding {
            _ = table.claim(file.name, in: table.enter(file.folder))
            if table.hasRenamed { return true }
        }
        return false
    }

    /// Names that the file system does not take, and what to call them instead.
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

    /// Whether some file system of today refuses `name`. Others are not asked about.
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
        // With room for a number, in case that another name becomes the same.
        let short = PathSanitiser.shortened(name, toByteCount: rules.nameByteCount - PathSanitiser.numberByteCount)
        refused[ExactText(name)] = try rules.holds(short) ? short : PathSanitiser.fitForWindows(short)
    }
}

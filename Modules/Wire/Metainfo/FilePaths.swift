// SPDX-License-Identifier: Apache-2.0

/// Assigns each file of an info dictionary its path on disk, and keeps the metainfo's original path if it differs.
///
/// Each folder is resolved once.
struct FilePaths {
    private struct Folder {
        /// Its number in `granted`.
        let granted: Int
        /// Its number in `existing`; nil if one of the names cannot exist on disk.
        let existing: Int?
        /// The original names, shared by all files in the folder.
        let raw: [[UInt8]]
        /// Whether the granted path equals `raw`.
        let isVerbatim: Bool
        /// Whether a download removes something from one of the names.
        let isFiltered: Bool
    }

    /// The torrent's name, with which every path starts.
    let name: String
    let raw: RawFolders
    let limits: WireLimits
    let work: ParsingWork
    private let rawName: ArraySlice<UInt8>
    private let folderName: ArraySlice<UInt8>?
    private var granted: PathTable
    /// The paths that data may have had before its torrent was created. They are never renamed.
    private var existing: PathTable
    private var folders: [Folder?]
    private var components = 0

    /// Resolves files below the folder `name`, or the single file `name`, which is `rawName` in the metainfo. A single
    /// file may also be in the folder `folderName`: no v2 tree says whether its only file is.
    init(
        _ raw: RawFolders,
        name: String,
        rawName: ArraySlice<UInt8>,
        folderName: ArraySlice<UInt8>?,
        fileCount: Int,
        limits: WireLimits,
        work: ParsingWork
    ) {
        self.raw = raw
        self.name = name
        self.rawName = rawName
        self.folderName = folderName
        self.limits = limits
        self.work = work
        let existingName = PathSanitiser.existingComponent(rawName)
        granted = PathTable(.exact, fileCount: fileCount, rootPath: [name])
        existing = PathTable(.exact, rootPath: [existingName ?? name])
        folders = Array(repeating: nil, count: raw.count)
        folders[RawFolders.root] = Folder(
            granted: PathTable.root,
            existing: existingName.map { _ in PathTable.root },
            raw: [Array(rawName)],
            isVerbatim: name.utf8.elementsEqual(rawName),
            isFiltered: existingName.map { !$0.hasSameBytes(as: name) } ?? false
        )
    }

    /// Returns the path of each file below the torrent's name, and the metainfo's original path if it differs.
    ///
    /// Names that need no change are granted first, so that no changed one takes their place, whatever the order: data
    /// of these names may exist already.
    mutating func claimAll(_ files: [RawFile]) throws(MetainfoError) -> [ClaimedPath] {
        let unchangedFolders = try findUnchangedFolders()
        var claims: [ClaimedPath?] = []
        claims.reserveCapacity(files.count)
        for file in files { claims.append(try claimUnchanged(file, unchangedFolders)) }
        for (index, file) in files.enumerated() where claims[index] == nil {
            let rawName = file.name ?? []
            claims[index] = try claim(file, rawName, PathSanitiser.component(rawName))
        }
        return claims.compactMap(\.self)
    }

    /// Returns for each folder, by number, whether its path below the torrent's name needs no change.
    private func findUnchangedFolders() throws(MetainfoError) -> [Bool] {
        var isUnchanged = [true]
        // A folder's number is higher than its parent's.
        for (name, parent) in zip(raw.names, raw.parents).dropFirst() {
            try work.note(name.count)
            isUnchanged.append(isUnchanged[parent] && PathSanitiser.component(name).utf8.elementsEqual(name))
        }
        return isUnchanged
    }

    /// Returns nil for a file whose path must be changed.
    private mutating func claimUnchanged(
        _ file: RawFile,
        _ unchangedFolders: [Bool]
    ) throws(MetainfoError) -> ClaimedPath? {
        if file.attributes.contains(.padding) { return ClaimedPath(path: padding(file)) }
        guard let rawName = file.name else {
            return ClaimedPath(path: GrantedPath(folder: [], name: name), own: ownPathOfSingleFile)
        }
        let wanted = PathSanitiser.component(rawName)
        guard unchangedFolders[file.folder], wanted.utf8.elementsEqual(rawName) else { return nil }
        return try claim(file, rawName, wanted)
    }

    private mutating func claim(
        _ file: RawFile,
        _ rawName: ArraySlice<UInt8>,
        _ wanted: String
    ) throws(MetainfoError) -> ClaimedPath {
        let before = tableWork
        let folder = try enter(file.folder, for: file)
        let name = granted.claim(wanted, in: folder.granted)
        try work.note(rawName.count + 1 + tableWork - before)
        let path = GrantedPath(folder: granted.path(of: folder.granted), name: name)
        if folder.isVerbatim, name.utf8.elementsEqual(rawName) { return ClaimedPath(path: path) }
        let own = MetainfoPath(
            folder: folder.raw,
            name: Array(rawName),
            existing: [claimExisting(rawName, wanted, folder)].compactMap(\.self)
        )
        return ClaimedPath(path: path, own: own)
    }

    /// Returns the path of padding. It is never stored, so the path need not be safe.
    private func padding(_ file: RawFile) -> GrantedPath {
        guard let rawName = file.name else { return GrantedPath(folder: [name, ".pad"], name: String(file.size)) }
        let folder = raw.path(of: file.folder).map { PathSanitiser.component($0) }
        return GrantedPath(folder: [name] + folder, name: PathSanitiser.component(rawName))
    }

    /// The path granted to the files in `folder`; nil if it contains only padding.
    func grantedPath(of folder: Int) -> [String]? { folders[folder].map { granted.path(of: $0.granted) } }

    private var ownPathOfSingleFile: MetainfoPath? {
        let own = PathSanitiser.existingComponent(rawName)
        var existing: [MetainfoPath.Existing] = []
        if let own, let folderName, let folder = PathSanitiser.existingComponent(folderName) {
            existing.append(([folder], own))
        }
        if let own, !own.hasSameBytes(as: name) { existing.append(([], own)) }
        guard !existing.isEmpty || !name.utf8.elementsEqual(rawName) else { return nil }
        return MetainfoPath(folder: [], name: Array(rawName), existing: existing)
    }

    /// Claims a path with something that downloads remove, so it is the download path of no file.
    private mutating func claimExisting(
        _ rawName: ArraySlice<UInt8>,
        _ wanted: String,
        _ folder: Folder
    ) -> MetainfoPath.Existing? {
        guard let number = folder.existing, let name = PathSanitiser.existingComponent(rawName),
            folder.isFiltered || !name.hasSameBytes(as: wanted),
            existing.claim(name, in: number).hasSameBytes(as: name)
        else { return nil }
        return (existing.path(of: number), name)
    }

    private var tableWork: Int { granted.workByteCount + existing.workByteCount }

    /// Resolves the folders on the way to `number`, from the first unresolved one.
    private mutating func enter(_ number: Int, for file: RawFile) throws(MetainfoError) -> Folder {
        var unknown: [Int] = []
        var next = number
        while folders[next] == nil {
            unknown.append(next)
            next = raw.parents[next]
        }
        guard var folder = folders[next] else { throw file.view.mismatch(.badValue, "info", expected: "a folder") }
        for number in unknown.reversed() {
            folder = makeFolder(raw.names[number], in: folder)
            folders[number] = folder
            try work.note(raw.names[number].count + folder.raw.count)
            components += folder.raw.count
            guard components <= limits.metainfoFolderComponentCount else {
                let expected = "at most \(limits.metainfoFolderComponentCount) components in all folders' paths"
                throw file.view.mismatch(.limit, "info", expected: expected)
            }
        }
        return folder
    }

    private mutating func makeFolder(_ rawName: ArraySlice<UInt8>, in parent: Folder) -> Folder {
        let wanted = PathSanitiser.component(rawName)
        let number = granted.enter(wanted, in: parent.granted)
        let name = granted.path(of: number).last ?? ""
        let existingName = PathSanitiser.existingComponent(rawName)
        var existingNumber: Int?
        if let above = parent.existing, let existingName {
            let number = existing.enter(existingName, in: above)
            if existing.path(of: number).last?.hasSameBytes(as: existingName) == true { existingNumber = number }
        }
        let isFiltered = existingName?.hasSameBytes(as: wanted) == false
        return Folder(
            granted: number,
            existing: existingNumber,
            raw: parent.raw + [Array(rawName)],
            isVerbatim: parent.isVerbatim && name.utf8.elementsEqual(rawName),
            isFiltered: parent.isFiltered || isFiltered
        )
    }
}

/// What a file was granted.
struct ClaimedPath {
    let path: GrantedPath
    /// The metainfo's original path, if it differs.
    var own: MetainfoPath?
}

/// A path whose folder components are shared by the files of one folder.
struct GrantedPath {
    let folder: [String]
    let name: String
}

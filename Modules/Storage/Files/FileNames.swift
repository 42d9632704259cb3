// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// The names of a torrent's files in one folder of the disk.
///
/// A file has the path that the torrent gives it, unless the file system cannot store that path, or the file's data
/// already exists under the metainfo's original path. The choice is made once, when the folder is opened.
struct FileNames: Sendable {
    /// The location of a file below the chosen folder.
    struct Place: Hashable {
        /// The names of the folders that contain it.
        let folder: [String]
        let name: String
    }

    /// The name of the parts file, which holds bytes of unwanted files, in the download folder.
    let parts: String
    private let files: [FileEntry]
    /// Files whose location differs from the torrent's.
    private var moved: [Int: Place] = [:]
    /// The suffix of an incomplete file's name.
    private let partialSuffix: String
    private let tag: String
    /// Maximum number of bytes in a name.
    private var nameByteCount = StorageLimits.nameBytes

    /// Uses the names that `info` gives.
    init(_ info: TorrentInfo) {
        files = info.files
        tag = info.hashes.wireHashes.first.map { Hex.encode($0.bytes.prefix(4)) } ?? ""
        // A torrent may contain both `a` and `a.part`, but nobody can put a torrent's own hash into its names.
        let usesSuffix = Self.hasPartialName(info)
        partialSuffix = usesSuffix ? ".\(tag).part" : ".part"
        let longest = StorageLimits.nameBytes - ".".utf8.count - ".\(tag).parts".utf8.count
        parts = info.name.utf8.count > longest ? ".\(tag).parts" : ".\(info.name).\(tag).parts"
    }

    /// Fits the names of `info` to the file system of `root`. Existing data under the metainfo's original path keeps
    /// that path.
    init(_ info: TorrentInfo, in root: Descriptor, mayWrite: Bool) throws(SystemError) {
        self.init(info)
        let system = FileSystemNames(root, mayWrite: mayWrite)
        // Where nothing is written, symbolic links are the user's own.
        let followsLinks = !mayWrite
        nameByteCount = min(nameByteCount, system.nameByteCount)
        moved = try NameFitting(info.files).fit(to: system)
        for file in info.filesWithExistingPaths {
            let found = info.existingPaths(of: file).first { system.hasFile($1, in: $0, followsLinks: followsLinks) }
            if let found { moved[file] = Place(folder: found.folder, name: found.name) }
        }
    }

    /// The location of `file` once it is complete.
    func place(of file: Int) -> Place {
        moved[file] ?? Place(folder: files[file].folder, name: files[file].name)
    }

    /// The folders that contain `file`.
    func folder(of file: Int) -> [String] { moved[file]?.folder ?? files[file].folder }

    /// The name of `file` once it is complete.
    func name(of file: Int) -> String { moved[file]?.name ?? files[file].name }

    /// The name of `file` while it is incomplete.
    func partial(_ file: Int) -> String {
        let name = name(of: file)
        let hasRoom = name.utf8.count + partialSuffix.utf8.count <= nameByteCount
        return hasRoom ? name + partialSuffix : ".\(tag).\(file).part"
    }

    /// Whether a torrent with this name could be mistaken for our own files beside it.
    func isReserved(_ torrentName: String) -> Bool {
        // Compared as bytes, because a combining mark after the dot makes it another `Character`.
        let name = Array(torrentName.lowercased().utf8)
        let isLikeParts = name.first == UInt8(ascii: ".") && name.suffix(6).elementsEqual(".parts".utf8)
        return name == Array(StateFolder.name.utf8) || isLikeParts
    }

    /// The temporary name of `file` while its initial bytes are written next to its final place.
    func temporary(_ file: Int) -> String { ".\(tag).\(file).tmp" }

    private static func hasPartialName(_ info: TorrentInfo) -> Bool {
        var folder: [String] = []
        return info.files.contains { file in
            // Files of one folder share its array, so this comparison is cheap.
            if !file.folder.hasSameBytes(as: folder) {
                folder = file.folder
                if folder.contains(where: isPartialName) { return true }
            }
            return isPartialName(file.name)
        }
    }

    private static func isPartialName(_ name: String) -> Bool {
        name.utf8.count >= 5 && name.utf8.suffix(5).elementsEqual(".part".utf8) { $0 | 0x20 == $1 | 0x20 }
    }
}

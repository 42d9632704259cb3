// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// What a torrent's files are called in one folder of the disk.
///
/// A file has the path that the torrent gives it, unless the file system cannot hold that, or its data was there before
/// under the metainfo's own path. Which of them it is is decided once, when the folder is opened.
struct FileNames: Sendable {
    /// Where a file lies below the chosen folder.
    struct Place: Hashable {
        /// Names of the folders on the way.
        let folder: [String]
        let name: String
    }

    /// Bytes of files not wanted, in the download folder.
    let parts: String
    private let files: [FileEntry]
    /// Files that lie elsewhere than the torrent has them.
    private var moved: [Int: Place] = [:]
    /// Ends the name of a file that is not complete.
    private let partialSuffix: String
    private let tag: String
    /// Bytes of a name, at most.
    private var nameByteCount = StorageLimits.nameBytes

    /// The names that `info` gives.
    init(_ info: TorrentInfo) {
        files = info.files
        tag = info.hashes.wireHashes.first.map { Hex.encode($0.bytes.prefix(4)) } ?? ""
        // A torrent may hold both `a` and `a.part`. Nobody can put a torrent's own hash into its names.
        let usesSuffix = Self.hasPartialName(info)
        partialSuffix = usesSuffix ? ".\(tag).part" : ".part"
        let longest = StorageLimits.nameBytes - ".".utf8.count - ".\(tag).parts".utf8.count
        parts = info.name.utf8.count > longest ? ".\(tag).parts" : ".\(info.name).\(tag).parts"
    }

    /// The names of `info` in `root`, whose file system is asked where there is doubt. Data that is there already under the
    /// metainfo's own path stays there.
    init(_ info: TorrentInfo, in root: Descriptor, mayWrite: Bool) throws(SystemError) {
        self.init(info)
        let system = FileSystemNames(root, mayWrite: mayWrite)
        nameByteCount = min(nameByteCount, system.nameByteCount)
        moved = try NameFitting(info.files).fit(to: system)
        for file in info.filesWithExistingPath {
            guard let (folder, name) = info.existingPath(of: file), system.hasFile(name, in: folder) else { continue }
            moved[file] = Place(folder: folder, name: name)
        }
    }

    /// Where `file` lies once it is complete.
    func place(of file: Int) -> Place {
        moved[file] ?? Place(folder: files[file].folder, name: files[file].name)
    }

    /// The folders that `file` is in.
    func folder(of file: Int) -> [String] { moved[file]?.folder ?? files[file].folder }

    /// The name of `file` once it is complete.
    func name(of file: Int) -> String { moved[file]?.name ?? files[file].name }

    /// The name of `file` while it is not complete.
    func partial(_ file: Int) -> String {
        let name = name(of: file)
        let hasRoom = name.utf8.count + partialSuffix.utf8.count <= nameByteCount
        return hasRoom ? name + partialSuffix : ".\(tag).\(file).part"
    }

    /// Whether a torrent of this name could pass itself off as our own bookkeeping beside it.
    func isReserved(_ torrentName: String) -> Bool {
        // By bytes: a combining mark behind the dot makes another character of it.
        let name = Array(torrentName.lowercased().utf8)
        let isLikeParts = name.first == UInt8(ascii: ".") && name.suffix(6).elementsEqual(".parts".utf8)
        return name == Array(StateFolder.name.utf8) || isLikeParts
    }

    /// A name for `file` while its first bytes are being gathered beside its final place.
    func temporary(_ file: Int) -> String { ".\(tag).\(file).tmp" }

    private static func hasPartialName(_ info: TorrentInfo) -> Bool {
        var folder: [String] = []
        return info.files.contains { file in
            // Files of one folder share its array, which makes this comparison cheap.
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

// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// What a torrent's files are called on the disk.
struct FileNames: Sendable {
    /// Bytes of files not wanted, in the download folder.
    let parts: String
    /// Ends the name of a file that is not complete.
    private let partialSuffix: String
    private let tag: String

    init(_ info: TorrentInfo) {
        tag = info.hashes.wireHashes.first.map { Hex.encode($0.bytes.prefix(4)) } ?? ""
        // A torrent may hold both `a` and `a.part`. Nobody can put a torrent's own hash into its names.
        let usesSuffix = info.files.contains { $0.path.contains { $0.lowercased().hasSuffix(".part") } }
        partialSuffix = usesSuffix ? ".\(tag).part" : ".part"
        let longest = StorageLimits.nameBytes - ".".utf8.count - ".\(tag).parts".utf8.count
        parts = info.name.utf8.count > longest ? ".\(tag).parts" : ".\(info.name).\(tag).parts"
    }

    /// The name while the file is not complete: the final one, where there is no room for more.
    func partial(_ name: String) -> String {
        name.utf8.count + partialSuffix.utf8.count > StorageLimits.nameBytes ? name : name + partialSuffix
    }

    /// Whether a torrent of this name could pass itself off as our own bookkeeping beside it.
    func isReserved(_ torrentName: String) -> Bool {
        let name = torrentName.lowercased()
        return name == StateFolder.name || name.hasPrefix(".") && name.hasSuffix(".parts")
    }

    /// A name for `file` while its first bytes are being gathered beside its final place.
    func temporary(_ file: Int) -> String { ".\(tag).\(file).tmp" }
}

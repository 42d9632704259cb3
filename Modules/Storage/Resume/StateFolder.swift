// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Where data about torrents is stored, unless the app chooses a folder.
package enum StateFolder {
    /// The folder's name in the download folder. No torrent may have this name.
    package static let name = ".ruche"

    /// The path of a torrent's journal, for files in `downloads`.
    package static func journalPath(downloads: String, hashes: InfoHashes) -> String {
        journalPath(in: "\(downloads)/\(name)", hashes: hashes)
    }

    /// The path of a torrent's journal in a folder that the app chooses.
    package static func journalPath(in folder: String, hashes: InfoHashes) -> String {
        "\(folder)/\(stem(hashes)).resume"
    }

    /// The name of the copy of a torrent's metainfo.
    package static func metainfoName(_ hashes: InfoHashes) -> String { "\(stem(hashes)).torrent" }

    private static func stem(_ hashes: InfoHashes) -> String {
        hashes.v1.map(\.description) ?? hashes.v2.map(\.description) ?? ""
    }
}

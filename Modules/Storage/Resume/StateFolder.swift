// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
public import RucheWire

/// Where what we remember about torrents lies, unless the app chooses a place.
public enum StateFolder {
    /// In the download folder. No torrent may have this name.
    public static let name = ".ruche"

    /// The journal of a torrent whose files are in `downloads`.
    public static func journalPath(downloads: String, hashes: InfoHashes) -> String {
        journalPath(in: "\(downloads)/\(name)", hashes: hashes)
    }

    /// The journal of a torrent in a folder that the app chooses.
    public static func journalPath(in folder: String, hashes: InfoHashes) -> String {
        "\(folder)/\(stem(hashes)).resume"
    }

    /// The copy of a torrent's metainfo, in a folder that the app chooses.
    package static func metainfoName(_ hashes: InfoHashes) -> String { "\(stem(hashes)).torrent" }

    private static func stem(_ hashes: InfoHashes) -> String {
        hashes.v1.map(\.description) ?? hashes.v2.map(\.description) ?? ""
    }
}

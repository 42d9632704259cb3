// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// Torrents of nearly ten megabytes, which is the default limit of libtorrent's parser.
public enum SampleTorrent: String, CaseIterable, Sendable {
    /// Mostly piece hashes.
    case oneFile = "one file"
    /// Mostly a list of files.
    case manyFiles = "80000 files"

    /// Returns the .torrent file.
    public func bytes() -> [UInt8] {
        var random = SeededRandom(seed: 1)
        let pieceLength = 65_536
        let files = self == .oneFile ? [] : Self.files(80_000, &random)
        let pieceCount = self == .oneFile ? 495_000 : files.reduce(0) { $0 + $1.length } / pieceLength + 1
        var encoder = BencodeEncoder(capacity: 10_000_000)
        encoder.dictionary { torrent in
            torrent.entry("announce", "http://tracker.example/announce")
            torrent.key("info")
            torrent.dictionary { info in
                if files.isEmpty {
                    info.entry("length", pieceCount * pieceLength)
                } else {
                    info.key("files")
                    info.list { list in
                        for file in files { file.write(into: &list) }
                    }
                }
                info.entry("name", "sample")
                info.entry("piece length", pieceLength)
                info.entry("pieces", random.nextBytes(count: 20 * pieceCount))
            }
        }
        return encoder.bytes
    }

    private struct File {
        var folder: String
        var name: String
        var length: Int

        func write(into list: inout BencodeEncoder) {
            list.dictionary { file in
                file.entry("length", length)
                file.key("path")
                file.list { path in
                    path.string(folder)
                    path.string(name)
                }
            }
        }
    }

    private static func files(_ count: Int, _ random: inout SeededRandom) -> [File] {
        (0..<count).map { index in
            File(
                folder: "folder-\(index / 100)",
                name: "some file of the collection with number \(index).data",
                length: Int.random(in: 1..<170_000, using: &random)
            )
        }
    }
}

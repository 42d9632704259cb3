// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire

/// Creates torrents with libtorrent through Python, to compare with ours.
enum LibtorrentMaker {
    /// Whether Python and its libtorrent are installed.
    static let isInstalled = (try? run(["-c", "import libtorrent"])) != nil

    private static let script = """
        import libtorrent, os, sys
        source, piece_length, version = sys.argv[1], int(sys.argv[2]), sys.argv[3]
        maker = libtorrent.create_torrent
        flags = {'v1': maker.v1_only, 'v2': maker.v2_only, 'hybrid': 0}[version]
        files = sorted(libtorrent.list_files(source), key=lambda file: file.filename.encode())
        torrent = maker(files, piece_length, flags)
        libtorrent.set_piece_hashes(torrent, os.path.dirname(source))
        print(libtorrent.bencode(torrent.generate()).hex())
        """

    static func make(_ source: String, _ format: TorrentFormat, pieceLength: Int) throws -> Metainfo {
        let output = try run(["-c", script, source, String(pieceLength), "\(format)"])
        let hex = Array(output.utf8.filter { $0 != UInt8(ascii: "\n") })
        let bytes = stride(from: 0, to: hex.count, by: 2).compactMap { index in
            UInt8(String(decoding: hex[index..<index + 2], as: UTF8.self), radix: 16)
        }
        return try MetainfoParser.parse(bytes)
    }

    private struct Failure: Error {}

    private static func run(_ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

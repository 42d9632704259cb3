// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RucheWire

/// `file-share inspect`: describes a torrent.
struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Describe a torrent file or magnet link.",
        discussion: """
            The status is 1 if the torrent is invalid.

            Examples:
              file-share inspect Holiday.torrent
              file-share inspect Holiday.torrent --json
              file-share inspect 'magnet:?xt=urn:btih:…'
            """
    )

    @Argument(help: "A .torrent file, a magnet link or an info-hash.", completion: .file(extensions: ["torrent"]))
    var torrent: String

    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    func run() async throws {
        let console = Console()
        do {
            switch try TorrentSource(torrent) {
            case .file(let metainfo):
                if json { return console.print(metainfo.json) }
                for line in TorrentDescription.lines(metainfo, listsFiles: true) { console.print(line) }
            case .magnet(let magnet):
                if json { return console.print(magnet.json) }
                for line in TorrentDescription.lines(magnet) { console.print(line) }
            }
        } catch {
            let words = ErrorWords(error)
            if json { console.print(["valid": false, "error": .string(words.problem)]) }
            console.complain("file-share: \(words.line)")
            throw ExitCode.failure
        }
    }
}

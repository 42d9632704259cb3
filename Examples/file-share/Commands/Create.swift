// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import RucheStorage
import RucheWire

/// `file-share create`: makes a torrent of a file or folder.
struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a torrent of a file or folder.",
        discussion: """
            Examples:
              file-share create Holiday
              file-share create film.mkv -o film.torrent --v2 --piece-length 1M
              file-share create Holiday --tracker udp://tracker.example:6969/announce --private
            """
    )

    enum Format: String, EnumerableFlag {
        case v1, v2, hybrid

        static func help(for value: Format) -> ArgumentHelp? {
            switch value {
            case .v1: "For every client: SHA-1 (BEP 3)."
            case .v2: "For today's clients: SHA-256 (BEP 52)."
            case .hybrid: "For both."
            }
        }
    }

    @Argument(help: "The file or folder.", completion: .file())
    var path: String

    @Option(name: .shortAndLong, help: "The torrent to write; NAME.torrent here unless given.")
    var output: String?

    @Flag(exclusivity: .exclusive)
    var format = Format.hybrid

    @Option(
        help: ArgumentHelp(
            "A tracker: udp://HOST:PORT, http://HOST/announce or https://…; may be repeated, the best first.",
            valueName: "url"
        )
    )
    var tracker: [TrackerAddress] = []

    @Option(
        help: ArgumentHelp(
            "A web server that has the files, http://… or https://… (BEP 19); may be repeated.",
            valueName: "url"
        )
    )
    var webSeed: [WebSeedAddress] = []

    @Option(help: ArgumentHelp("Bytes in a piece: 256K, 1M; chosen by the size unless given.", valueName: "bytes"))
    var pieceLength: ByteAmount?

    @Flag(help: "Find peers by the trackers only (BEP 27).")
    var `private` = false

    @Option(help: "A remark for whoever looks at the torrent.")
    var comment: String?

    @Option(help: "The torrent's name; that of the file or folder unless given.")
    var name: String?

    @OptionGroup var out: OutputOptions

    func run() async throws {
        try await out.run { console in
            let progress = WorkProgress("Hashing \(path)", event: "creating", json: out.json, console: console)
            let created = try await TorrentCreator(source: path, options: options).create { progress.handle($0) }
            let file = output ?? "\(created.metainfo.info.name).torrent"
            try write(created.bytes, to: file)
            console.clearBlock()
            report(created, file, on: console)
        }
    }

    private func write(_ bytes: [UInt8], to file: String) throws {
        do {
            try Data(bytes).write(to: URL(filePath: file), options: .atomic)
        } catch {
            throw CommandFailure("cannot write \(file): \(error.localizedDescription)")
        }
    }

    private var options: TorrentOptions {
        var options = TorrentOptions()
        options.format =
            switch format {
            case .v1: .v1
            case .v2: .v2
            case .hybrid: .hybrid
            }
        options.pieceLength = pieceLength?.bytes
        options.name = name
        options.isPrivate = `private`
        options.trackers = tracker.map { [$0.text] }
        options.webSeeds = webSeed.map(\.text)
        options.comment = comment
        return options
    }

    private func report(_ created: CreatedTorrent, _ file: String, on console: Console) {
        if out.json {
            guard case .object(let members) = created.metainfo.json else { return }
            return console.print(.object([("event", "created"), ("file", .string(file))] + members))
        }
        console.print("Made \(file).")
        for line in TorrentDescription.lines(created.metainfo, listsFiles: false) { console.print(line) }
    }
}

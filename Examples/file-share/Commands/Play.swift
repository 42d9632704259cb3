// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import RucheStreaming
import RucheSwarm

/// `file-share play`: plays a film of a torrent while it downloads.
struct Play: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Play a film or music from a torrent while it downloads.",
        discussion: """
            Opens the desktop's player with an address on this machine, from which any player can read: several at once,
            and from any position. What is watched next is downloaded first. Runs until Ctrl-C. Without --output, the
            data is stored in a temporary folder that is removed at the end.

            Any program on this machine that knows the address can read the file.

            Examples:
              file-share play 'magnet:?xt=urn:btih:…'
              file-share play Holiday.torrent --file Holiday/film.mkv -o Downloads
              file-share play Holiday.torrent --no-open
            """
    )

    @Argument(help: "A .torrent file, a magnet link or an info-hash.", completion: .file(extensions: ["torrent"]))
    var torrent: String

    @Option(help: ArgumentHelp("The file to play; without it, the largest film or music.", valueName: "path"))
    var file: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Store downloaded data in this folder.", valueName: "folder"))
    var output: String?

    @Flag(help: "Print the address only, and open no player.")
    var noOpen = false

    @OptionGroup var network: NetworkOptions
    @OptionGroup var out: OutputOptions

    func validate() throws {
        if output?.isEmpty == true { throw ValidationError("--output must name a folder; use . for this one.") }
    }

    func run() async throws {
        try await out.run { console in
            let source = try TorrentSource(torrent)
            let options = try await network.makeAddOptions(console, json: out.json)
            let folder = try DataFolder(output)
            defer { folder.removeIfTemporary() }
            let configuration = try await network.makeConfiguration(
                downloads: folder.path,
                logger: out.makeLogger(console),
                console
            )
            let view = console.makeShareView(json: out.json)
            try await Sharing.run(configuration, on: view) { [options, file, noOpen] session in
                let torrent = try await session.add(source, options: options)
                // Whichever fails first ends the other.
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await Self.play(torrent, file, on: view, opening: !noOpen, console) }
                    group.addTask { try await torrent.show(in: session, on: view) { _ in false } }
                    while try await group.next() != nil {}
                }
            }
        }
    }

    /// Serves the file until the task is cancelled.
    private static func play(
        _ torrent: Torrent,
        _ path: String?,
        on view: any ShareView,
        opening isOpening: Bool,
        _ console: Console
    ) async throws {
        let file: TorrentFile
        let server: MediaServer
        do {
            file = try await torrent.choose(path)
            server = try await MediaServer(torrent)
        } catch is CancellationError {
            return
        }
        server.prepare(file)
        let url = server.url(for: file)
        view.handle(.playing(file, url: url))
        if isOpening, await PlayerProgram()?.open(url) != true {
            console.complain("No player could be opened: open the address in one.")
        }
        try await server.run()
    }
}

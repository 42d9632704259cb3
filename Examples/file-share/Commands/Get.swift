// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RucheStorage
import RucheSwarm

/// `file-share get`: downloads a torrent.
struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Download a torrent.",
        discussion: """
            Ends once everything wanted is downloaded and verified. After Ctrl-C (status 130), the same command
            resumes the download. Existing files are used if any data in them is correct, and are never overwritten
            unless --overwrite is given.

            Examples:
              file-share get Holiday.torrent -o Downloads
              file-share get Holiday.torrent -o Downloads --peer 192.0.2.1:6881 --file Holiday/first.jpg
              file-share get 'magnet:?xt=urn:btih:…' -o Downloads --in-order --seed
            """
    )

    @Argument(help: "A .torrent file, a magnet link or an info-hash.", completion: .file(extensions: ["torrent"]))
    var torrent: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder to download to.", valueName: "folder"))
    var output: String

    @Option(help: ArgumentHelp("Download only this file or folder of the torrent; may be repeated.", valueName: "path"))
    var file: [String] = []

    @Flag(help: "Download pieces in order.")
    var inOrder = false

    @Flag(name: .customLong("no-web-seeds"), help: "Download from peers only, not from web seeds.")
    var withoutWebSeeds = false

    @Flag(help: "Overwrite other existing files.")
    var overwrite = false

    @Flag(help: "Keep sharing afterwards, until Ctrl-C.")
    var seed = false

    @OptionGroup var network: NetworkOptions
    @OptionGroup var out: OutputOptions

    func validate() throws {
        if output.isEmpty { throw ValidationError("--output must name a folder; use . for this one.") }
        if file.contains("") { throw ValidationError("--file must name a file or folder of the torrent.") }
    }

    func run() async throws {
        try await out.run { console in
            let source = try TorrentSource(torrent)
            var options = try await network.makeAddOptions(console, json: out.json)
            options.onlyPaths = file
            options.order = inOrder ? .inOrder : .rarestFirst
            options.usesWebSeeds = !withoutWebSeeds
            options.overwritesFiles = overwrite
            let view = console.makeShareView(json: out.json)
            let configuration = try await network.makeConfiguration(
                downloads: output,
                logger: out.makeLogger(console),
                console
            )
            let isComplete = try await Sharing.run(configuration, on: view) { [options, seed] session in
                let start = ContinuousClock.now
                let torrent = try await session.add(source, options: options)
                guard try await Self.fetch(torrent, in: session, on: view) else { return false }
                view.handle(.finished(torrent.currentStatus, seconds: (.now - start) / .seconds(1)))
                if seed { try await torrent.show(in: session, on: view) { _ in false } }
                return true
            }
            guard isComplete else { throw ExitCode(Interruption.exitStatus) }
        }
    }

    /// Returns false if the user interrupted it.
    private static func fetch(_ torrent: Torrent, in session: Session, on view: any ShareView) async throws -> Bool {
        do {
            return try await torrent.show(in: session, on: view) { $0.state == .seeding }
        } catch let error as TorrentError where error.storage?.canBeOverwritten == true {
            throw CommandFailure("\(ErrorWords(error).line) Or use --overwrite to replace the file.")
        }
    }
}

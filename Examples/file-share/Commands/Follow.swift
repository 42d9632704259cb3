// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RucheDHT
import RucheSwarm

/// `file-share follow`: keeps a copy of a publication up to date.
struct Follow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep a copy of a publication up to date (BEP 46).",
        discussion: """
            Downloads the latest version, shares it, and looks for a newer one now and then, until Ctrl-C. Only
            changes are downloaded, and files that a new version no longer has are removed. An older version never replaces a
            newer one. If a file has been changed here, the update stops, unless --overwrite is given.

            Examples:
              file-share follow 'magnet:?xs=urn:btpk:…' -o Downloads
              file-share follow 'magnet:?xs=urn:btpk:…' -o Downloads --once
            """
    )

    @Argument(help: "The publisher's link, or public key.")
    var publisher: PublisherArgument

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder for the files.", valueName: "folder"))
    var output: String

    @Option(help: ArgumentHelp("Look for a new version this often.", valueName: "seconds"))
    var every = 300

    @Flag(help: "End once the latest version is installed.")
    var once = false

    @Flag(help: "Overwrite files that have been changed here, or that existed before.")
    var overwrite = false

    @OptionGroup var network: NetworkOptions
    @OptionGroup var out: OutputOptions

    func validate() throws {
        if output.isEmpty { throw ValidationError("--output must name a folder; . is this one.") }
        if !(1...86_400).contains(every) { throw ValidationError("--every must be from 1 to 86400 seconds.") }
        if network.noDht { throw ValidationError("Publications are found by the DHT: --no-dht leaves nothing to do.") }
    }

    func run() async throws {
        try await out.run { console in
            let options = try await network.makeAddOptions(console, json: out.json)
            let view = console.makeShareView(json: out.json)
            let configuration = try await network.makeConfiguration(
                downloads: output,
                logger: out.makeLogger(console),
                console
            )
            let (link, folder) = (publisher.link, output)
            let record = try FollowRecord(link, folder: folder)
            let isDone = try await Sharing.run(configuration, on: view) {
                [options, every, once, overwrite, out] session in
                let follower = Follower(
                    session: session,
                    record: record,
                    options: options,
                    overwrites: overwrite,
                    news: FollowNews(console, isJSON: out.json),
                    view: view
                )
                return try await follower.run(link, everySeconds: every, once: once)
            }
            // Without --once, Ctrl-C is how it ends.
            guard isDone || !once else { throw ExitCode(Interruption.exitStatus) }
        }
    }
}

/// The publisher to follow.
struct PublisherArgument: ExpressibleByArgument {
    let link: PublisherLink

    init?(argument: String) {
        guard let link = PublisherLink(parsing: argument) else { return nil }
        self.link = link
    }
}

// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RucheCrypto
import RucheDHT
import RucheStorage
import RucheSwarm
import RucheWire

/// `file-share publish`: shares a folder under a key, so that others can follow it.
struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Publish a file or folder under your key, for others to follow (BEP 46).",
        discussion: """
            The key, and not the content, identifies the publication: after a change, publish again under the same key,
            and all followers download the changes. The key file is secret, and no one can publish under the key without
            it: keep a copy.

            The content is shared until Ctrl-C. It must not change meanwhile.

            Examples:
              file-share publish --new-key news.key News
              file-share publish news.key News --listen 6881
            """
    )

    @Argument(help: "The file with your secret key.", completion: .file())
    var keyFile: String

    @Argument(help: "The file or folder.", completion: .file())
    var path: String

    @Flag(help: "Create the key file, which must not exist yet.")
    var newKey = false

    @Option(help: "Distinguishes several publications under one key.")
    var salt = ""

    @OptionGroup var network: NetworkOptions
    @OptionGroup var out: OutputOptions

    func validate() throws {
        if salt.utf8.count > DHTItem.saltByteCount {
            throw ValidationError("--salt accepts at most \(DHTItem.saltByteCount) bytes.")
        }
        if network.noDht { throw ValidationError("Publications are found by the DHT: --no-dht leaves nothing to do.") }
    }

    func run() async throws {
        try await out.run { console in
            let key = newKey ? try PublisherKey.make(keyFile) : try PublisherKey.read(keyFile)
            let published = try PublishedPath(path)
            let created = try await makeTorrent(of: published, console)
            var options = try await network.makeAddOptions(console, json: out.json)
            options.isReadOnly = true
            let configuration = try await network.makeConfiguration(
                downloads: published.folder,
                logger: out.makeLogger(console),
                console
            )
            let view = console.makeShareView(json: out.json)
            let link = PublisherLink(author: key.publicKey, salt: Array(salt.utf8))
            try await Sharing.run(configuration, on: view) { [options, out] session in
                let publisher = try Publisher(session, key, link, console, isJSON: out.json)
                let torrent = try await session.add(created.metainfo, options: options)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await publisher.run(created.metainfo.info.hashes) }
                    group.addTask { try await torrent.show(in: session, on: view) { _ in false } }
                    try await group.next()
                    group.cancelAll()
                }
            }
        }
    }

    /// Clients of BEP 46 find torrents by their v1 info-hash, so the torrent is hybrid.
    private func makeTorrent(of published: PublishedPath, _ console: Console) async throws -> CreatedTorrent {
        var options = TorrentOptions()
        options.name = published.name
        options.unsupportedEntries = .skip
        let creator = TorrentCreator(source: published.path, options: options)
        let progress = WorkProgress("Hashing \(path)", event: "creating", json: out.json, console: console)
        defer { console.clearBlock() }
        return try await creator.create { progress.handle($0) }
    }
}

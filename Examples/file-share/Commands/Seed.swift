// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import RucheSwarm
import RucheWire

/// `file-share seed`: shares what is on disk with any peer, and never changes it.
struct Seed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Share existing files, until Ctrl-C.",
        discussion: """
            The data is verified first, and never changed. If some is missing or wrong, nothing is shared unless
            --partial is given. For a folder of .torrent files, all of them are shared and remembered in --state, so
            the next start is immediate.

            Examples:
              file-share seed Holiday.torrent --data .
              file-share seed Holiday.torrent --data /srv/share --listen 192.0.2.1:6881 --limit-up 2M
              file-share seed torrents/ --data /srv/share --state ~/.local/state/file-share
            """
    )

    @Argument(help: "The .torrent file, or a folder of them.", completion: .file(extensions: ["torrent"]))
    var torrent: String

    @Option(help: ArgumentHelp("The folder that contains the torrent's file or folder.", valueName: "folder"))
    var data: String

    @Option(
        help: ArgumentHelp("Where to remember a folder's torrents; by default .ruche in it.", valueName: "folder")
    )
    var state: String?

    @Flag(help: "Offer each peer one piece at a time, to upload as little as possible (BEP 16).")
    var superSeed = false

    @Flag(help: "Share what is correct, even if it is incomplete.")
    var partial = false

    @OptionGroup var network: NetworkOptions
    @OptionGroup var out: OutputOptions

    func validate() throws {
        if data.isEmpty { throw ValidationError("--data must name a folder; use . for this one.") }
        if state?.isEmpty == true { throw ValidationError("--state must name a folder.") }
    }

    func run() async throws {
        try await out.run { console in
            if isFolder { return try await shareFolder(console) }
            let metainfo = try TorrentSource.readFile(TorrentName.path(torrent, for: "seed"))
            var options = try await network.makeAddOptions(console, json: out.json)
            options.isReadOnly = true
            options.isPaused = true
            options.isSuperSeeding = superSeed
            let view = console.makeShareView(json: out.json)
            let configuration = try await network.makeConfiguration(
                downloads: data,
                logger: out.makeLogger(console),
                console
            )
            try await Sharing.run(configuration, on: view) { [options, partial, data, isJSON = out.json] session in
                let torrent = try await session.add(metainfo, options: options)
                guard try await torrent.show(in: session, on: view, until: \.isChecked) else { return }
                try await Self.warnOfLongFiles(torrent, console, isJSON: isJSON)
                let status = torrent.currentStatus
                if status.doneBytes < status.totalBytes {
                    guard partial else { throw Self.incomplete(status, below: data) }
                    // An unwanted file is not downloaded.
                    let files = metainfo.info.files.indices
                    try await torrent.setPriorities(Dictionary(uniqueKeysWithValues: files.map { ($0, .skip) }))
                }
                await torrent.resume()
                try await torrent.show(in: session, on: view) { _ in false }
            }
        }
    }

    private var isFolder: Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: torrent, isDirectory: &isFolder) && isFolder.boolValue
    }

    private func shareFolder(_ console: Console) async throws {
        var options = AddOptions()
        options.isReadOnly = true
        options.isSuperSeeding = superSeed
        options.trackers = network.tracker.map(\.text)
        var configuration = try await network.makeConfiguration(
            downloads: data,
            logger: out.makeLogger(console),
            console
        )
        configuration.stateFolder = state ?? "\(torrent)/.ruche"
        let many = SeedFolder(folder: torrent, options: options, isJSON: out.json, console: console)
        try await many.run(configuration)
    }

    /// Warns of bytes after the end of a file, which are not shared and which the user may not know of.
    private static func warnOfLongFiles(_ torrent: Torrent, _ console: Console, isJSON: Bool) async throws {
        for file in try await torrent.files {
            guard let path = file.location, let size = file.sizeOnDisk, size > file.size else { continue }
            if isJSON {
                console.print([
                    "event": "warning", "path": .string(path), "size": .int(size), "expected": .int(file.size),
                ])
            }
            console.complain("file-share: \(path) has \(size) bytes instead of \(file.size); the rest is not shared")
        }
    }

    private static func incomplete(_ status: TorrentStatus, below folder: String) -> CommandFailure {
        let share = "\(HumanUnits.bytes(status.doneBytes)) of \(HumanUnits.bytes(status.totalBytes))"
        return CommandFailure("\(status.name) in \(folder) is incomplete: \(share) correct; --partial shares that")
    }
}

extension TorrentStatus {
    /// A torrent that was added paused waits once its pieces are known.
    fileprivate var isChecked: Bool { state == .paused && pieces != nil }
}

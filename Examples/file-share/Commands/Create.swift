// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import RucheStorage
import RucheWire

/// `file-share create`: creates a torrent of a file or folder.
struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Create a torrent from a file or folder.",
        discussion: """
            Examples:
              file-share create Holiday
              file-share create film.mkv -o film.torrent --v2 --piece-length 1M
              file-share create Holiday --tracker udp://tracker.example:6969/announce --private
              file-share create Holiday --exclude '*.tmp' --exclude drafts/old
            """
    )

    enum Format: String, EnumerableFlag {
        case v1, v2, hybrid

        static func help(for value: Format) -> ArgumentHelp? {
            switch value {
            case .v1: "For every client: SHA-1 (BEP 3)."
            case .v2: "For modern clients: SHA-256 (BEP 52)."
            case .hybrid: "For both kinds of clients."
            }
        }
    }

    @Argument(help: "The file or folder.", completion: .file())
    var path: String

    @Option(name: .shortAndLong, help: "The torrent file to write; by default NAME.torrent in this folder.")
    var output: String?

    @Flag(exclusivity: .exclusive)
    var format = Format.hybrid

    @Option(
        help: ArgumentHelp(
            "A tracker: udp://HOST:PORT, http://HOST/announce or https://…; may be repeated, preferred ones first.",
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

    @Option(help: ArgumentHelp("Bytes in a piece: 256K, 1M; by default chosen by size.", valueName: "bytes"))
    var pieceLength: ByteAmount?

    @Flag(help: "Find peers only through the trackers (BEP 27).")
    var `private` = false

    @Option(help: "A comment to store in the torrent.")
    var comment: String?

    @Option(help: "The torrent's name; by default that of the file or folder.")
    var name: String?

    @Option(help: ArgumentHelp("Leave out entries of this name, or this path in the folder.", valueName: "pattern"))
    var exclude: [String] = []

    @Flag(help: "Share the targets of symbolic links instead of the links.")
    var followLinks = false

    @Flag(help: "Replace an existing torrent file.")
    var force = false

    @OptionGroup var out: OutputOptions

    func validate() throws {
        if path.isEmpty { throw ValidationError("No file or folder is named; use . for this folder.") }
    }

    func run() async throws {
        try await out.run { console in
            let creator = TorrentCreator(source: path, options: options)
            try creator.checkName()
            let file = try OutputFile(output ?? fileName(creator.name), source: path, replacesExisting: force)
            let progress = WorkProgress("Hashing \(path)", event: "creating", json: out.json, console: console)
            let notice = Notice { if !file.isStandardOutput { progress.announce("Scanning \(path)") } }
            defer { notice.cancel() }
            let created = try await creator.create {
                notice.cancel()
                if !file.isStandardOutput { progress.handle($0) }
            }
            console.clearBlock()
            try file.write(created.bytes) { created.isMade(ofFile: $0) }
            if !file.isStandardOutput { report(created, file.path, on: console) }
            warn(created, on: console)
        }
    }

    /// Returns `NAME.torrent`, shortened to the maximum length of a file name.
    private func fileName(_ name: String) -> String {
        var stem = name
        while stem.utf8.count > 255 - ".torrent".utf8.count { stem.removeLast() }
        return stem + ".torrent"
    }

    /// Reports what is not in the torrent, and which names will be changed elsewhere.
    private func warn(_ created: CreatedTorrent, on console: Console) {
        let skipped = created.skipped.map { "\($0.path.joined(separator: "/")) (\($0.reason.words))" }
        if !skipped.isEmpty { console.complain("file-share: left out: \(shortList(skipped))") }
        let unfit = created.unfitForWindows.map { $0.joined(separator: "/") }
        if !unfit.isEmpty { console.complain("file-share: Windows will change these names: \(shortList(unfit))") }
    }

    private func shortList(_ words: [String]) -> String {
        let shown = words.prefix(20).joined(separator: ", ")
        return words.count > 20 ? "\(shown) and \(words.count - 20) more" : shown
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
        options.exclusions = exclude
        options.followsLinks = followLinks
        options.unsupportedEntries = .skip
        return options
    }

    private func report(_ created: CreatedTorrent, _ file: String, on console: Console) {
        if out.json {
            let skipped = created.skipped.map { JSONValue.string($0.path.joined(separator: "/")) }
            let unfit = created.unfitForWindows.map { JSONValue.string($0.joined(separator: "/")) }
            let own: JSONValue = [
                "event": "created", "file": .string(file), "skipped": .array(skipped),
                "unfitForWindows": .array(unfit),
            ]
            return console.print(own.followed(by: created.metainfo.json))
        }
        console.print("Created \(file).")
        for line in TorrentDescription.lines(created.metainfo, listsFiles: false) { console.print(line) }
    }
}

extension SkippedEntry.Reason {
    /// The reason in words for users.
    fileprivate var words: String {
        switch self {
        case .emptyFolder: "an empty folder"
        case .specialFile: "neither a file nor a folder"
        case .strayLink: "a link that leads out of the folder, or nowhere"
        case .unreadable: "not readable by this user"
        case .invalidName: "its name is not UTF-8"
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import RucheSwarm

/// `file-share cat`: writes a file of a torrent to standard output while it downloads.
struct Cat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a file of a torrent to standard output while it downloads.",
        discussion: """
            Every byte is verified before it is written. The next bytes are downloaded first, so a player can start
            immediately. Without --output, the data is stored in a temporary folder that is removed at the end.

            Examples:
              file-share cat Holiday.torrent --file Holiday/film.mkv | mpv -
              file-share cat 'magnet:?xt=urn:btih:…' -o Downloads | ffplay -
              file-share cat Holiday.torrent --file notes.txt --range 0-1023
            """
    )

    @Argument(help: "A .torrent file, a magnet link or an info-hash.", completion: .file(extensions: ["torrent"]))
    var torrent: String

    @Option(help: ArgumentHelp("The file to write; without it, the largest one.", valueName: "path"))
    var file: String?

    @Option(help: ArgumentHelp("Write only these bytes of the file, as first-last.", valueName: "bytes"))
    var range: ByteRange?

    @Option(name: .shortAndLong, help: ArgumentHelp("Store downloaded data in this folder.", valueName: "folder"))
    var output: String?

    @OptionGroup var network: NetworkOptions
    @OptionGroup var out: OutputOptions

    func validate() throws {
        if out.json {
            throw ValidationError("cat writes the file to standard output and cannot be used with --json.")
        }
        if output?.isEmpty == true { throw ValidationError("--output must name a folder; use . for this one.") }
    }

    func run() async throws {
        try await out.run { console in
            let source = try TorrentSource(torrent)
            let options = try await network.makeAddOptions(console, json: false)
            let folder = try DataFolder(output)
            defer { folder.removeIfTemporary() }
            let configuration = try await network.makeConfiguration(
                downloads: folder.path,
                logger: out.makeLogger(console),
                console
            )
            let view = SilentView()
            let isComplete = try await Sharing.run(configuration, on: view) { [options, file, range] session in
                let torrent = try await session.add(source, options: options)
                do {
                    try await Self.write(torrent, file, range, console)
                    return true
                } catch is CancellationError {
                    return false
                }
            }
            guard isComplete else { throw ExitCode(Interruption.exitStatus) }
        }
    }

    private static func write(
        _ torrent: Torrent,
        _ path: String?,
        _ range: ByteRange?,
        _ console: Console
    ) async throws {
        let file = try await torrent.choose(path)
        console.complain("Writing \(file.path), \(HumanUnits.bytes(file.size)).")
        for try await bytes in torrent.read(file: file.id, range: range?.clamped(to: file.size)) {
            do {
                try FileHandle.standardOutput.write(contentsOf: bytes)
            } catch {
                // The reader closed the pipe.
                throw ExitCode(Interruption.lostReaderStatus)
            }
        }
    }
}

/// A byte range, such as `0-1023`: both ends are included, and the last may be omitted.
struct ByteRange: ExpressibleByArgument, Sendable {
    let first: Int
    let last: Int?

    init?(argument: String) {
        let parts = argument.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = Int(parts[0]), first >= 0 else { return nil }
        self.first = first
        last = Int(parts[1])
        guard last != nil || parts[1].isEmpty, last.map({ $0 >= first }) ?? true else { return nil }
    }

    func clamped(to size: Int) -> Range<Int> {
        let first = min(first, size)
        return first..<max(first, min(last.map { $0 < size ? $0 + 1 : size } ?? size, size))
    }
}

/// Shows nothing, because standard output belongs to the file.
private final class SilentView: ShareView {
    func handle(_ event: ShareEvent) {}
}

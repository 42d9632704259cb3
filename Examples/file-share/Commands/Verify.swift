// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RucheStorage
import RucheWire

/// `file-share verify`: compares what is on disk with a torrent's hashes.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check existing files against a torrent.",
        discussion: """
            The status is 0 only if everything is correct. Incomplete downloads are checked in their .part files.

            Examples:
              file-share verify Holiday.torrent --data Downloads
              file-share verify Holiday.torrent --data Downloads --json
            """
    )

    @Argument(help: "The .torrent file.", completion: .file(extensions: ["torrent"]))
    var torrent: String

    @Option(help: ArgumentHelp("The folder that contains the torrent's file or folder.", valueName: "folder"))
    var data: String

    @OptionGroup var out: OutputOptions

    func validate() throws {
        if data.isEmpty { throw ValidationError("--data must name a folder; use . for this one.") }
    }

    func run() async throws {
        try await out.run { console in
            let metainfo = try TorrentSource.readFile(TorrentName.path(torrent, for: "verify"))
            let info = metainfo.info
            let store = try FileStore(info, in: data, options: .readOnly)
            let checker = PieceChecker(metainfo, store: store)
            let progress = WorkProgress("Verifying \(info.name)", event: "checking", json: out.json, console: console)
            let report = try await checker.check { progress.handle($0) }
            console.clearBlock()
            for check in report.files { show(check, of: info.files[check.fileIndex], on: console) }
            let isRight = report.have.isComplete && report.files.allSatisfy { $0.status == .complete }
            conclude(report, info, isRight: isRight, on: console)
            guard isRight else { throw ExitCode.failure }
        }
    }

    private func show(_ check: FileCheck, of file: FileEntry, on console: Console) {
        let path = file.path.joined(separator: "/")
        if out.json {
            console.print([
                "event": "file", "path": .string(path), "status": .string(check.status.word),
                "size": .int(file.size), "right": .int(check.rightByteCount),
            ])
            return
        }
        let share =
            switch check.status {
            case .damaged, .partial: "  \(HumanUnits.bytes(check.rightByteCount)) right"
            case .tooLong(let size): "  \(size) bytes instead of \(file.size)"
            case .complete, .missing, .undecided, .unreadable: ""
            }
        console.print(
            check.status.word.padded(10) + HumanUnits.bytes(file.size).padded(11, left: true) + "  \(path)\(share)"
        )
        if case .unreadable(let error) = check.status { console.complain("file-share: \(error)") }
    }

    private func conclude(_ report: CheckReport, _ info: TorrentInfo, isRight: Bool, on console: Console) {
        if out.json {
            console.print([
                "event": "verified", "complete": .bool(isRight), "pieces": .int(info.geometry.pieceCount),
                "right": .int(report.have.setCount), "unknown": .int(report.unknownPieceCount),
                "contradictions": .int(report.disagreements.count),
            ])
            return
        }
        if !report.disagreements.isEmpty {
            let pieces = HumanUnits.count(report.disagreements.count, "piece")
            console.complain("file-share: the torrent's v1 and v2 hashes disagree about \(pieces)")
        }
        if report.unknownPieceCount > 0 {
            let pieces = HumanUnits.count(report.unknownPieceCount, "piece")
            console.complain("file-share: the torrent has no hashes for \(pieces)")
        }
        let pieces = "\(report.have.setCount) of \(HumanUnits.count(info.geometry.pieceCount, "piece"))"
        let isNamed = report.have.isComplete && !isRight
        console.print(
            isRight
                ? "\(info.name) is complete and correct: all \(info.geometry.pieceCount) pieces."
                : "\(info.name): \(pieces) correct\(isNamed ? ", but some files have a wrong name or size" : "")."
        )
    }
}

extension FileCheck.Status {
    /// The status in one word, for programs and users.
    fileprivate var word: String {
        switch self {
        case .complete: "right"
        case .missing: "missing"
        case .partial: "partial"
        case .tooLong: "too long"
        case .damaged: "damaged"
        case .undecided: "undecided"
        case .unreadable: "unreadable"
        }
    }
}

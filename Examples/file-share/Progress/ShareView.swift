// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTrackers
import RucheWire

/// What happens to a torrent that is being shared, as far as the user is told.
enum ShareEvent {
    /// Peers that come here are taken; told again with every status.
    case listening(port: UInt16)
    /// Name, sizes and files are known. Told again with every status.
    case metadata(Metainfo)
    /// How it stands, about twice a second.
    case status(TorrentStatus)
    /// A tracker says something else than before, or works again.
    case tracker(TrackerStatus)
    /// The disk stands in the way, and is tried again and again.
    case trouble(TorrentError)
    /// It goes on.
    case recovered
    /// All that is wanted is here.
    case finished(TorrentStatus, seconds: Double)
    /// The end takes a while: trackers are told.
    case leaving
}

/// Tells the user.
protocol ShareView: AnyObject, Sendable {
    func handle(_ event: ShareEvent)
}

extension Console {
    /// The view that fits whoever reads: a program, a person at a terminal, or a file.
    func makeShareView(json: Bool) -> any ShareView {
        if json { return JSONShareView(self) }
        return isTerminal ? LiveShareView(self) : PlainShareView(self)
    }
}

extension TorrentState {
    /// One word, for programs and people.
    var word: String {
        switch self {
        case .fetchingMetadata: "fetching metadata"
        case .checking: "checking"
        case .queued: "queued"
        case .downloading: "downloading"
        case .seeding: "seeding"
        case .paused: "paused"
        case .suspended: "suspended"
        case .failed: "failed"
        }
    }
}

extension TorrentState {
    /// What keeps it from going on.
    var obstacle: TorrentError? {
        switch self {
        case .failed(let error), .suspended(let error): error
        default: nil
        }
    }
}

extension TorrentStatus {
    /// Seconds, while there is something to wait for.
    var timeLeft: Double? { state == .downloading ? secondsLeft : nil }

    /// `↓ 3.1 MiB/s  ↑ 1.0 MiB/s  3 peers (1 seed)  0:42 left`.
    var summary: String {
        var words = ["↓ \(HumanUnits.rate(downloadRate))", "↑ \(HumanUnits.rate(uploadRate))"]
        words.append("\(HumanUnits.count(peers.count, "peer")) (\(HumanUnits.count(seedCount, "seed")))")
        if let timeLeft { words.append("\(HumanUnits.duration(timeLeft)) left") }
        return words.joined(separator: "  ")
    }
}

extension ShareEvent {
    static let farewell = "Telling the trackers that this peer leaves."

    /// `Fetched Holiday: 2.0 GiB in 12.3 s (170.1 MiB/s), uploaded 1.0 MiB.`
    static func conclusion(_ status: TorrentStatus, seconds: Double) -> String {
        let rate = HumanUnits.rate(Double(status.downloadedBytes) / max(seconds, 0.001))
        return
            "Fetched \(status.name): \(HumanUnits.bytes(status.totalBytes)) in \(HumanUnits.elapsed(seconds)) (\(rate)),"
            + " uploaded \(HumanUnits.bytes(status.uploadedBytes))."
    }
}

// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTrackers
import RucheWire

/// What happens to a shared torrent, as far as the user is told.
enum ShareEvent {
    /// Peers are accepted on this port. Repeated with every status.
    case listening(port: UInt16)
    /// The name, sizes and files are known. Repeated with every status.
    case metadata(Metainfo)
    /// The current status, about twice a second.
    case status(TorrentStatus)
    /// A tracker reports something new, or works again.
    case tracker(TrackerStatus)
    /// The disk prevents progress, and is tried again and again.
    case trouble(TorrentError)
    /// The torrent continues.
    case recovered
    /// Everything wanted is complete.
    case finished(TorrentStatus, seconds: Double)
    /// A file is served to players on this machine.
    case playing(TorrentFile, url: String)
    /// Leaving takes a while, because trackers are being told.
    case leaving
}

/// Shows events to the user.
protocol ShareView: AnyObject, Sendable {
    func handle(_ event: ShareEvent)
}

extension Console {
    /// Returns the view for the reader: a program, a person at a terminal, or a file.
    func makeShareView(json: Bool) -> any ShareView {
        if json { return JSONShareView(self) }
        return isTerminal ? LiveShareView(self) : PlainShareView(self)
    }
}

extension TorrentState {
    /// The state in one word, for programs and users.
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
    /// The error that prevents progress.
    var obstacle: TorrentError? {
        switch self {
        case .failed(let error), .suspended(let error): error
        default: nil
        }
    }
}

extension TorrentStatus {
    /// The remaining seconds, while there is something to wait for.
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
    /// `Playing Holiday/film.mkv (2.0 GiB) at http://127.0.0.1:…`
    static func playing(_ file: TorrentFile, at url: String) -> String {
        "Playing \(file.path) (\(HumanUnits.bytes(file.size))) at \(url)"
    }

    static let farewell = "Telling the trackers that this peer is leaving."

    /// `Fetched Holiday: 2.0 GiB in 12.3 s (170.1 MiB/s), uploaded 1.0 MiB.`
    static func conclusion(_ status: TorrentStatus, seconds: Double) -> String {
        let rate = HumanUnits.rate(Double(status.downloadedBytes) / max(seconds, 0.001))
        return
            "Fetched \(status.name): \(HumanUnits.bytes(status.totalBytes)) in \(HumanUnits.elapsed(seconds)) (\(rate)),"
            + " uploaded \(HumanUnits.bytes(status.uploadedBytes))."
    }
}

// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheSwarm
import RucheTrackers
import RucheWire

/// Prints one JSON object per event.
final class JSONShareView: ShareView {
    private let console: Console
    private let listening = Once()
    private let metadata = Once()

    init(_ console: Console) { self.console = console }

    func handle(_ event: ShareEvent) {
        switch event {
        case .listening(let port):
            if listening.isFirst() { console.print(["event": "listening", "port": .int(Int(port))]) }
        case .metadata(let metainfo):
            if metadata.isFirst() { console.print(Self.json(metainfo)) }
        case .status(let status): console.print(Self.json(status))
        case .tracker(let tracker): console.print(Self.json(tracker))
        case .trouble(let error):
            let words = ErrorWords(error)
            console.print(["event": "trouble", "message": .string(words.problem), "advice": JSONValue(words.advice)])
        case .recovered: console.print(["event": "recovered"])
        case .finished(let status, let seconds):
            let seconds = JSONValue.double((seconds * 1000).rounded() / 1000)
            console.print(["event": "finished", "seconds": seconds, "bytes": .int(status.totalBytes)])
        case .playing(let file, let url):
            console.print([
                "event": "playing", "url": .string(url), "file": .string(file.path), "size": .int(file.size),
            ])
        case .leaving: console.print(["event": "leaving"])
        }
    }

    private static func json(_ metainfo: Metainfo) -> JSONValue {
        let info = metainfo.info
        return [
            "event": "metadata",
            "name": .string(info.name),
            "infoHashV1": JSONValue(info.hashes.v1?.description),
            "infoHashV2": JSONValue(info.hashes.v2?.description),
            "pieceLength": .int(info.geometry.pieceLength),
            "pieceCount": .int(info.geometry.pieceCount),
            "totalSize": .int(info.totalSize),
        ]
    }

    private static func json(_ tracker: TrackerStatus) -> JSONValue {
        [
            "event": "tracker",
            "url": .string(tracker.url),
            "state": .string(tracker.word),
            "failure": JSONValue(tracker.lastFailure?.description),
            "warning": JSONValue(tracker.warning),
        ]
    }

    private static func json(_ status: TorrentStatus) -> JSONValue {
        if case .checking(let progress) = status.state {
            return ["event": "checking", "progress": .double(progress)]
        }
        return [
            "event": "progress",
            "done": .int(status.doneBytes),
            "total": .int(status.totalBytes),
            "down": .int(Int(status.downloadRate)),
            "up": .int(Int(status.uploadRate)),
            "downloaded": .int(status.downloadedBytes),
            "uploaded": .int(status.uploadedBytes),
            "wasted": .int(status.wastedBytes),
            "peers": .int(status.peers.count),
            "seeds": .int(status.seedCount),
            "state": .string(status.state.word),
            "eta": status.timeLeft.map { .double($0.rounded()) } ?? nil,
        ]
    }
}

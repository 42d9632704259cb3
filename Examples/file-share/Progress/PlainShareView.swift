// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheWire
import Synchronization

/// Prints a line now and then, for logs and pipes.
final class PlainShareView: ShareView {
    private let console: Console
    private let pacer: Pacer
    private let listening = Once()
    private let metadata = Once()
    private let last = Mutex("")

    init(_ console: Console) {
        self.console = console
        pacer = Pacer(seconds: 3)
    }

    func handle(_ event: ShareEvent) {
        switch event {
        case .listening(let port):
            if listening.isFirst() { console.print("listening on port \(port)") }
        case .metadata(let metainfo):
            guard metadata.isFirst() else { return }
            console.print("\(metainfo.info.name): \(HumanUnits.bytes(metainfo.info.totalSize))")
        case .status(let status): show(status)
        case .tracker(let tracker): console.complain(tracker.line)
        case .trouble(let error): console.complain("file-share: \(ErrorWords(error).line)")
        case .recovered: console.print("the disk works again")
        case .finished(let status, let seconds): console.print(ShareEvent.conclusion(status, seconds: seconds))
        case .playing(let file, let url): console.print(ShareEvent.playing(file, at: url))
        case .leaving: console.print(ShareEvent.farewell)
        }
    }

    private func show(_ status: TorrentStatus) {
        guard pacer.isDue() else { return }
        let line =
            switch status.state {
            case .checking(let progress): "checking \(HumanUnits.percent(progress))"
            case .downloading:
                "downloading \(HumanUnits.percent(status.progress)) of \(HumanUnits.bytes(status.totalBytes))"
                    + "  \(status.summary)"
            default: "\(status.state.word)  \(status.summary)"
            }
        // A seed without requests has nothing to report.
        let isNews = last.withLock { last in
            defer { last = line }
            return last != line
        }
        if isNews { console.print(line) }
    }
}

// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheWire

/// A live block on the terminal with pieces, rates and peers.
///
///     Holiday                                      downloading
///     ███████▓▓▒░███████████████▒····················   62.4 %
///     1.2 GiB of 2.0 GiB  ↓ 34.1 MiB/s  ↑ 2.0 MiB/s  …
///       192.0.2.1:6881   Ruche 0.1   100 %  ↓ 30.0 MiB/s  ↑ 0 B/s
final class LiveShareView: ShareView {
    private let console: Console
    private let listening = Once()

    init(_ console: Console) { self.console = console }

    func handle(_ event: ShareEvent) {
        switch event {
        case .listening(let port):
            if listening.isFirst() { console.print("Listening on port \(port).") }
        case .metadata: break
        case .status(let status): console.show(lines(for: status))
        case .tracker(let tracker): console.complain(tracker.line)
        case .trouble(let error): console.complain("file-share: \(ErrorWords(error).line)")
        case .recovered: console.print("The disk works again.")
        case .finished(let status, let seconds):
            console.clearBlock()
            console.print(ShareEvent.conclusion(status, seconds: seconds))
        case .playing(let file, let url): console.print(ShareEvent.playing(file, at: url))
        case .leaving: console.print(ShareEvent.farewell)
        }
    }

    private func lines(for status: TorrentStatus) -> [String] {
        let (columns, rows) = console.size
        let width = max(20, min(columns, 120) - 1)
        var lines = [status.name.padded(width - status.state.word.count - 2) + "  \(status.state.word)"]
        lines.append(map(of: status, width: width - 9))
        lines.append(
            "\(HumanUnits.bytes(status.doneBytes)) of \(HumanUnits.bytes(status.totalBytes))  \(status.summary)"
        )
        lines.append(
            "downloaded \(HumanUnits.bytes(status.downloadedBytes))  uploaded \(HumanUnits.bytes(status.uploadedBytes))"
                + "  wasted \(HumanUnits.bytes(status.wastedBytes))"
                + "  copies \(HumanUnits.oneDecimal(status.distributedCopies))"
        )
        return lines + peerLines(status.peers, room: min(12, rows - lines.count - 2))
    }

    private func map(of status: TorrentStatus, width: Int) -> String {
        let percent: String
        let cells: String
        if case .checking(let progress) = status.state {
            percent = HumanUnits.percent(progress)
            cells = PieceMap.bar(progress, width: width)
        } else {
            percent = HumanUnits.percent(status.progress)
            cells = status.pieces.map { PieceMap.cells(of: $0, width: width) } ?? PieceMap.bar(0, width: width)
        }
        return cells + "  " + percent.padded(7, left: true)
    }

    private func peerLines(_ peers: [PeerStatus], room: Int) -> [String] {
        guard room > 0 else { return [] }
        let busiest = peers.sorted { $0.downloadRate + $0.uploadRate > $1.downloadRate + $1.uploadRate }
        let shown = busiest.prefix(peers.count > room ? room - 1 : room)
        let addressWidth = shown.map(\.endpoint.description.count).max() ?? 0
        let clientWidth = min(20, shown.map(\.client.count).max() ?? 0)
        var lines = shown.map { peer in
            [
                "  " + peer.endpoint.description.padded(addressWidth),
                String(peer.client.prefix(clientWidth)).padded(clientWidth),
                HumanUnits.percent(peer.progress).padded(7, left: true),
                "↓ " + HumanUnits.rate(peer.downloadRate).padded(12),
                "↑ " + HumanUnits.rate(peer.uploadRate),
            ].joined(separator: "  ")
        }
        if peers.count > shown.count { lines.append("  … and \(peers.count - shown.count) more") }
        return lines
    }
}

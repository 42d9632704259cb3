// SPDX-License-Identifier: Apache-2.0

import RucheStorage

/// Shows the progress of hashing, for `create` and `verify`.
final class WorkProgress: Sendable {
    private let title: String
    private let event: String
    private let json: Bool
    private let console: Console
    private let start = ContinuousClock.now
    private let pacer: Pacer

    /// `title` is for people, `event` for programs.
    init(_ title: String, event: String, json: Bool, console: Console) {
        self.title = title
        self.event = event
        self.json = json
        self.console = console
        pacer = Pacer(seconds: json ? 0.5 : console.isTerminal ? 0.1 : 3)
    }

    /// Reports what is being done before there is any progress.
    func announce(_ words: String) {
        if json { console.print(["event": .string(event), "progress": 0]) } else { console.print(words) }
    }

    func handle(_ progress: ByteProgress) {
        guard pacer.isDue() else { return }
        if json {
            console.print(["event": .string(event), "progress": .double(progress.fraction)])
        } else if console.isTerminal {
            let width = max(20, min(console.size.columns, 120) - 10)
            let bar = PieceMap.bar(progress.fraction, width: width)
            console.show([title, "\(bar)  \(HumanUnits.percent(progress.fraction))", rates(progress)])
        } else {
            console.print("\(title) \(HumanUnits.percent(progress.fraction))  \(rates(progress))")
        }
    }

    private func rates(_ progress: ByteProgress) -> String {
        let rate = Double(progress.doneByteCount) / max(0.001, (ContinuousClock.now - start) / .seconds(1))
        let left = Double(progress.totalByteCount - progress.doneByteCount) / max(1, rate)
        return "\(HumanUnits.bytes(progress.doneByteCount)) of \(HumanUnits.bytes(progress.totalByteCount))"
            + "  \(HumanUnits.rate(rate))  \(HumanUnits.duration(left)) left"
    }
}

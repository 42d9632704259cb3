// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheTesting

/// Formats outcomes as rows of a Markdown table.
enum Report {
    static let header = """
        | scenario | bound, s | last / bound | mean / bound | redundant | seed's copies | riders / sharers | sharers' cost |
        | --- | --: | --: | --: | --: | --: | --: | --: |
        """

    static func row(_ outcome: Scenario.Outcome) -> String {
        let result = outcome.result
        let sharers = result.sharers
        let copies = Double(result.seedUploadedByteCount) / Double(result.byteCount)
        var cells = [
            outcome.scenario.name,
            number(result.boundSeconds, 1),
            number(sharers.lastCompletion / result.boundSeconds, 3),
            number(sharers.meanSeconds / result.boundSeconds, 3),
            number(result.redundantShare * 100, 2) + " %",
            number(copies, 2),
        ]
        if let alone = outcome.withoutRiders {
            let isWhole = result.riders.allSatisfy { $0.completedAt != nil }
            cells.append((isWhole ? "" : "at least ") + number(result.riders.meanLeastSeconds / sharers.meanSeconds, 2))
            cells.append(number((sharers.meanSeconds / alone.sharers.meanSeconds - 1) * 100, 1) + " %")
        } else {
            cells += ["", ""]
        }
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private static func number(_ value: Double, _ digits: Int) -> String {
        value.isFinite ? String(format: "%.\(digits)f", value) : "never"
    }
}

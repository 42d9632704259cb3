// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire

/// The memory that a simulation takes: for the documents, not for any expectation.
struct SimulationCost {
    private let before = Self.residentByteCount

    /// The memory that has been taken since, for each of `count` nodes.
    func memory(of count: Int) -> String {
        guard let before, let now = Self.residentByteCount else { return "memory is not measured here" }
        return "\((now - before) / max(1, count) / 1_024) KiB for each of \(count) nodes"
    }

    /// The bytes of this process that are in memory (Linux); nil elsewhere.
    private static var residentByteCount: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? Int(fields[1]).map { $0 * Int(getpagesize()) } : nil
    }
}

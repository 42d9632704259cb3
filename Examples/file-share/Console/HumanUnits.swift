// SPDX-License-Identifier: Apache-2.0

/// Formats numbers for people.
enum HumanUnits {
    /// `512 B`, `1.5 KiB`, `20.0 GiB`.
    static func bytes(_ count: Int) -> String {
        var value = Double(count)
        var unit = 0
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        // A value that would be written as 1024.0 becomes 1.0 of the next unit.
        while value >= (unit == 0 ? 1024 : 1023.95), unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(count) B" : "\(oneDecimal(value)) \(units[unit])"
    }

    /// `1.5 MiB/s`.
    static func rate(_ bytesPerSecond: Double) -> String { bytes(Int(bytesPerSecond.rounded())) + "/s" }

    /// `100 %`, `62.4 %`; never 100 before the end.
    static func percent(_ fraction: Double) -> String {
        fraction >= 1 ? "100 %" : "\(oneDecimal((fraction * 1000).rounded(.down) / 10)) %"
    }

    /// `0:42`, `3:05:09`, `12 days`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "ages" }
        let total = Int(seconds.rounded())
        guard total < 2 * 86_400 else { return "\(total / 86_400) days" }
        let tail = "\(twoDigits(total / 60 % 60)):\(twoDigits(total % 60))"
        return total >= 3600 ? "\(total / 3600):\(tail)" : "\(total / 60):\(twoDigits(total % 60))"
    }

    /// `0.2 s`, `12.3 s`, `1:42`.
    static func elapsed(_ seconds: Double) -> String {
        seconds < 60 ? "\(oneDecimal(seconds)) s" : duration(seconds)
    }

    /// `1 peer`, `3 peers`.
    static func count(_ number: Int, _ thing: String) -> String { "\(number) \(thing)\(number == 1 ? "" : "s")" }

    /// `3.0`, `12.3`.
    static func oneDecimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension String {
    /// Pads with spaces to `width` characters, on the right or left.
    func padded(_ width: Int, left: Bool = false) -> String {
        let spaces = String(repeating: " ", count: max(0, width - count))
        return left ? spaces + self : self + spaces
    }
}

// SPDX-License-Identifier: Apache-2.0

extension StringProtocol {
    /// The text with escapes such as `\u{9}` for characters that could control a terminal or deceive a reader: control
    /// characters, line separators and marks that change the writing direction. For strangers' text wherever it is
    /// printed or logged.
    public var escapedForDisplay: String {
        guard unicodeScalars.contains(where: \.needsEscape) else { return String(self) }
        var out = ""
        for scalar in unicodeScalars {
            if scalar.needsEscape {
                out += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

extension Unicode.Scalar {
    /// Whether printing the character can do anything but show it.
    package var needsEscape: Bool {
        // Nearly all text is ASCII.
        if value < 0x7f { return value < 0x20 }
        return switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: properties.isBidiControl || value == 0xfeff
        }
    }
}

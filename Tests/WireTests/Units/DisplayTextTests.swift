// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@Suite struct DisplayTextTests {
    @Test(arguments: [
        ("plain name.txt", "plain name.txt"), ("naïve 日本 🐝", "naïve 日本 🐝"), ("back\\slash", "back\\slash"),
        ("tab\there", "tab\\u{9}here"), ("red\u{1b}[31m", "red\\u{1b}[31m"), ("a\nb", "a\\u{a}b"),
        ("photo\u{202e}gpj.exe", "photo\\u{202e}gpj.exe"), ("\u{9b}2J", "\\u{9b}2J"), ("\u{2028}", "\\u{2028}"),
        ("\u{feff}a", "\\u{feff}a"),
    ])
    func whatSteersOrDeceivesIsEscaped(text: String, shown: String) {
        #expect(text.escapedForDisplay == shown)
        #expect(shown.escapedForDisplay == shown)
    }
}

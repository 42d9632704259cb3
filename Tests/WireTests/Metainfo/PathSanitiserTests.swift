// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@Suite struct PathSanitiserTests {
    @Test(arguments: [
        ("film.mkv", "film.mkv"),
        ("", "_"),
        (".", "_"),
        ("..", "_"),
        ("...", "..."),
        ("/", "_"),
        ("//", "_"),
        ("\\", "\\"),
        ("../..", "...."),
        ("/etc/passwd", "etcpasswd"),
        ("..\\windows", "..\\windows"),
        ("system\\x2dcryptsetup.slice", "system\\x2dcryptsetup.slice"),
        ("/..", "_"),
        ("a:b?*", "a:b?*"),
        ("a\u{0}b", "a_b"),
        ("a\nb\u{7f}", "a_b_"),
        ("\u{85}x", "_x"),
        ("photo\u{202e}gpj.exe", "photogpj.exe"),
        ("\u{feff}name", "name"),
        ("\u{202e}", "_"),
        ("\u{202e}..", "_"),
        ("naïve 日本", "naïve 日本"),
        ("\u{61c}a", "a"),
        ("tab\there", "tab_here"),
        ("con", "con"),
        ("NUL.txt", "NUL.txt"),
        ("dot.", "dot."),
        (".hidden", ".hidden"),
    ])
    func downloadsGetSafeAndHonestNames(name: String, safe: String) {
        #expect(PathSanitiser.component(Array(name.utf8)[...], for: .posix) == safe)
    }

    @Test(
        arguments: [
            ("", nil), (".", nil), ("..", nil), ("/", nil), ("/..", nil), ("a/b", "ab"), ("a\u{0}b", "a_b"),
            ("tab\there", "tab\there"), ("photo\u{202e}gpj.exe", "photo\u{202e}gpj.exe"), ("\u{fffd}", "\u{fffd}"),
            ("con", "con"), ("a\\b", "a\\b"),
        ] as [(String, String?)]
    )
    func namesOfExistingDataAreMadeSafeOnly(name: String, safe: String?) {
        #expect(PathSanitiser.existingComponent(Array(name.utf8)[...], for: .posix) == safe)
    }

    @Test(arguments: [
        ("con", "_con"), ("NUL.txt", "_NUL.txt"), ("com1.tar.gz", "_com1.tar.gz"), ("COM0", "COM0"),
        ("console", "console"), ("lpt9", "_lpt9"), ("lpt", "lpt"), ("aux.h", "_aux.h"), ("a:b?*", "a_b__"),
        ("a\\b", "a_b"), ("dot.", "dot_"), ("a. .", "a___"), ("tab\there", "tab_here"), ("plain.txt", "plain.txt"),
    ])
    func windowsGetsWhatItCanKeep(name: String, fit: String) {
        #expect(PathSanitiser.fitForWindows(name) == fit)
        #expect(PathSanitiser.component(Array(name.utf8)[...], for: .windows) == fit)
        #expect(PathSanitiser.fitForWindows(String(repeating: "x", count: 300) + ".txt").utf16.count == 255)
    }

    @Test(
        arguments: [
            ([0xff, 0xfe], "__"), ([0x61, 0xc0, 0xaf], "a__"), ([0xe2, 0x28, 0xa1], "_(_"), ([0x82, 0x65], "_e"),
        ] as [([UInt8], String)]
    )
    func replacesInvalidUTF8(bytes: [UInt8], safe: String) {
        #expect(PathSanitiser.component(bytes[...]) == safe)
    }

    @Test func shortensLongNamesButKeepsTheExtension() {
        let long = String(repeating: "x", count: 300)
        #expect(PathSanitiser.shortened(long, toByteCount: 247) == String(repeating: "x", count: 247))
        #expect(
            PathSanitiser.shortened(long + ".tar.gz", toByteCount: 247) == String(repeating: "x", count: 244) + ".gz"
        )
        #expect(PathSanitiser.shortened("x." + long, toByteCount: 247) == String(("x." + long).prefix(247)))
        let wide = String(repeating: "日", count: 100)
        #expect(PathSanitiser.shortened(wide, toByteCount: 247) == String(repeating: "日", count: 82))
        #expect(PathSanitiser.shortened("short", toByteCount: 247) == "short")
        #expect(PathSanitiser.shortened("a.extension", toByteCount: 4) == "a.ex")
    }

    @Test func namesThatNoDiskHoldsAreCutAtOnce() {
        let name = PathSanitiser.component(Array((String(repeating: "é", count: 5_000) + ".mp3").utf8)[...])
        #expect(name == String(repeating: "é", count: 510) + ".mp3")
        #expect(PathSanitiser.component(Array(String(repeating: "x", count: 255).utf8)[...]).utf8.count == 255)
    }

    @Test func numbersBeforeTheExtension() {
        #expect(PathSanitiser.numbered("a.jpg", 1) == "a.1.jpg")
        #expect(PathSanitiser.numbered("a", 12) == "a.12")
        #expect(PathSanitiser.numbered(".profile", 1) == ".profile.1")
    }

    @Test func anyBytesMakeASafeName() {
        var (acceptedCount, refusedCount) = (0, 0)
        for seed in 0..<2_000 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let bytes = anyBytes(&random)
            let name = PathSanitiser.component(bytes[...])
            #expect(isSafe(name) && !name.unicodeScalars.contains(where: PathSanitiser.isDeceptive), "seed \(seed)")
            #expect(PathSanitiser.component(Array(name.utf8)[...]) == name, "seed \(seed): not stable")
            if let existing = PathSanitiser.existingComponent(bytes[...]) {
                acceptedCount += 1
                #expect(isSafe(existing), "seed \(seed)")
            } else {
                refusedCount += 1
            }
        }
        #expect(acceptedCount > 100 && refusedCount > 10, "\(acceptedCount) accepted, \(refusedCount) refused")
    }

    /// Returns the bytes of names, few or many, most of them with something that is not allowed in one.
    private func anyBytes(_ random: inout SeededRandom) -> [UInt8] {
        let alphabet = Array("/\\.\u{0}CON1aé\u{202e}:".utf8) + [0xff, 0xc0]
        let isShort = Bool.random(using: &random)
        return (0..<Int.random(in: 0..<(isShort ? 4 : 400), using: &random)).map { _ in
            alphabet.randomElement(using: &random) ?? 0
        }
    }

    private func isSafe(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 1_024
            && !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
    }
}

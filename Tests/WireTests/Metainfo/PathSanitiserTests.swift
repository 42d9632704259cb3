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
        ("\\", "_"),
        ("../..", "...."),
        ("/etc/passwd", "etcpasswd"),
        ("..\\windows", "..windows"),
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
        ("con", "_con"),
        ("NUL.txt", "_NUL.txt"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("COM0", "COM0"),
        ("console", "console"),
        ("lpt9", "_lpt9"),
        ("lpt", "lpt"),
        (".hidden", ".hidden"),
    ])
    func makesNamesSafe(name: String, safe: String) {
        #expect(PathSanitiser.component(Array(name.utf8)[...]) == safe)
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
        #expect(shortened(long) == String(repeating: "x", count: 240))
        #expect(shortened(long + ".tar.gz") == String(repeating: "x", count: 240) + ".gz")
        #expect(shortened("x." + long) == String(("x." + long).prefix(240)))
        #expect(shortened(String(repeating: "é", count: 200) + ".mp3") == String(repeating: "é", count: 120) + ".mp3")
        #expect(shortened(String(repeating: "日", count: 100)).utf8.count == 240)
        #expect(shortened(String(repeating: "x", count: 240)).utf8.count == 240)
    }

    @Test func numbersBeforeTheExtension() {
        #expect(PathSanitiser.numbered("a.jpg", 1) == "a.1.jpg")
        #expect(PathSanitiser.numbered("a", 12) == "a.12")
        #expect(PathSanitiser.numbered(".profile", 1) == ".profile.1")
        let longest = String(repeating: "x", count: 240) + "." + String(repeating: "e", count: 14)
        #expect(PathSanitiser.numbered(longest, 1_000).utf8.count == 255)
    }

    @Test(arguments: 0..<2_000 as Range<UInt64>)
    func anyBytesMakeASafeName(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let alphabet = Array("/\\.\u{0}CON1aé\u{202e}:".utf8) + [0xff, 0xc0]
        let bytes = (0..<Int.random(in: 0..<400, using: &random)).map { _ in
            alphabet.randomElement(using: &random) ?? 0
        }
        let name = PathSanitiser.component(bytes[...])
        #expect(isSafe(name), "seed \(seed)")
        #expect(PathSanitiser.component(Array(name.utf8)[...]) == name, "seed \(seed): not stable")
    }

    private func isSafe(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255
            && !name.utf8.contains { $0 < 0x20 || $0 == 0x7f || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
    }

    private func shortened(_ name: String) -> String { PathSanitiser.component(Array(name.utf8)[...]) }
}

@Suite struct PathTableTests {
    @Test func renamesWhateverIsThereAlready() {
        #expect(claim(["a.jpg", "A.jpg", "a.jpg", "b"]) == ["a.jpg", "A.1.jpg", "a.2.jpg", "b"])
        #expect(claim(["d/x", "D/X", "d/X"]) == ["d/x", "D/X.1", "d/X.2"])
        #expect(claim(["é", "e\u{301}"]) == ["é", "e\u{301}.1"])
    }

    @Test func keepsFilesAndFoldersApart() {
        #expect(claim(["a", "a/b", "A/c", "a/b"]) == ["a", "a.1/b", "a.1/c", "a.1/b.1"])
        #expect(claim(["c/d", "c", "C/e"]) == ["c/d", "c.1", "C/e"])
        #expect(claim(["a.1", "a", "a"]) == ["a.1", "a", "a.2"])
        #expect(claim(["a", "a/b", "a.1"]) == ["a", "a.1/b", "a.1.1"])
    }

    @Test func manyFilesOfOneNameCostNoMoreThanAsManyNames() {
        let paths = claim(Array(repeating: "same", count: 20_000))
        #expect(Set(paths).count == 20_000)
        #expect(paths.last == "same.19999")
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func neverHandsOutAPathTwiceNorOneThroughAFile(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let names = ["a", "A", "a.1", "b", "a.1.1"]
        let wanted = (0..<40).map { _ in
            (0..<Int.random(in: 1...3, using: &random)).map { _ in names.randomElement(using: &random) ?? "a" }
                .joined(separator: "/")
        }
        let granted = claim(wanted).map { $0.lowercased() }
        #expect(Set(granted).count == granted.count, "seed \(seed)")
        for path in granted {
            #expect(!granted.contains { $0.hasPrefix(path + "/") }, "seed \(seed): \(path)")
        }
    }

    private func claim(_ paths: [String]) -> [String] {
        var table = PathTable()
        return paths.map { path in
            let claimed = table.claim(path.split(separator: "/").map(String.init), below: "root")
            #expect(claimed.first == "root")
            return claimed.dropFirst().joined(separator: "/")
        }
    }
}

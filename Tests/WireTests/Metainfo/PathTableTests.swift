// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@Suite struct PathTableTests {
    @Test func namesThatDifferInCaseAreTwoUnlessTheDiskFoldsThem() {
        let names = ["README", "readme", "d/x", "D/X"]
        #expect(claim(names, .exact) == names)
        #expect(claim(names, .folding) == ["README", "readme.1", "d/x", "d/X.1"])
        let accents = ["\u{e9}", "e\u{301}"]
        #expect(claim(accents, .exact).map { Array($0.utf8) } == accents.map { Array($0.utf8) })
        #expect(claim(accents, .folding) == ["\u{e9}", "e\u{301}.1"])
    }

    @Test func renamesWhateverIsThereAlready() {
        #expect(claim(["a.jpg", "a.jpg", "a.jpg", "b"]) == ["a.jpg", "a.1.jpg", "a.2.jpg", "b"])
        #expect(claim(["a.jpg", "A.jpg", "a.jpg", "b"], .folding) == ["a.jpg", "A.1.jpg", "a.2.jpg", "b"])
    }

    @Test func keepsFilesAndFoldersApart() {
        #expect(claim(["a", "a/b", "a/c", "a/b"]) == ["a", "a.1/b", "a.1/c", "a.1/b.1"])
        #expect(claim(["c/d", "c", "c/e"]) == ["c/d", "c.1", "c/e"])
        #expect(claim(["a.1", "a", "a"]) == ["a.1", "a", "a.2"])
        #expect(claim(["a", "a/b", "a.1"]) == ["a", "a.1/b", "a.1.1"])
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func neverHandsOutAPathTwiceNorOneThroughAFile(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let names = ["a", "A", "a.1", "b", "a.1.1"]
        let wanted = (0..<40).map { _ in
            (0..<Int.random(in: 1...3, using: &random)).map { _ in names.randomElement(using: &random) ?? "a" }
                .joined(separator: "/")
        }
        for comparison in [PathTable.Comparison.exact, .folding] {
            let granted = claim(wanted, comparison).map { comparison == .exact ? $0 : $0.lowercased() }
            #expect(Set(granted).count == granted.count, "seed \(seed)")
            for path in granted {
                #expect(!granted.contains { $0.hasPrefix(path + "/") }, "seed \(seed): \(path)")
            }
        }
    }

    /// Names that a careless table looks up repeatedly.
    private static let crowds: [String: @Sendable (Int) -> [String]] = [
        "one name": { count in Array(repeating: "same", count: count) },
        "a name and its numbers": { count in (0..<count).map { "a.\($0 / 2 + 1)" } + Array(repeating: "a", count: count)
        },
        "long names, equal when shortened": { count in
            let long = String(repeating: "x", count: 240)
            return (0..<count).flatMap { index -> [String] in
                let name = PathSanitiser.shortened("\(long)\(index).extension-long", toByteCount: 247)
                return [name, name]
            }
        },
        "numbers of numbers": { count in
            (0..<count).map { index in "a" + String(repeating: ".1", count: index % 40) }
        },
        "a file in the way of each folder": { count in
            (0..<count).flatMap { ["f\($0 / 2)", "f\($0 / 2)/x"] }
        },
    ]

    @Test("The work is linear in the bytes of all names", arguments: crowds.keys.sorted())
    func workIsLinear(crowd: String) throws {
        let make = try #require(Self.crowds[crowd])
        for comparison in [PathTable.Comparison.exact, .folding] {
            for count in [500, 4_000] {
                var table = PathTable(comparison)
                let names = make(count)
                for name in names {
                    let path = name.split(separator: "/").map(String.init)
                    _ = table.claim(try #require(path.last), in: table.enter(Array(path.dropLast())))
                }
                let byteCount = names.reduce(0) { $0 + $1.utf8.count + 8 }
                #expect(table.workByteCount <= 4 * byteCount, "\(count) names of \(byteCount) bytes")
            }
        }
    }

    private func claim(_ paths: [String], _ comparison: PathTable.Comparison = .exact) -> [String] {
        var table = PathTable(comparison, rootPath: ["root"])
        return paths.map { path in
            let components = path.split(separator: "/").map(String.init)
            let folder = table.enter(Array(components.dropLast()))
            let name = table.claim(components.last ?? "", in: folder)
            return (table.path(of: folder).dropFirst() + [name]).joined(separator: "/")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Testing

/// The tidy tests find what they look for.
struct ScannerTests {
    private func file(_ text: String) -> SwiftFile { SwiftFile(TextFile(path: "a.swift", text: text)) }

    @Test func commentsAndStringsAreNotCode() {
        let file = file(
            #"""
            let a = "try! \(b(")")) try!" // try!
            /* try!
               try! */ try! c()
            """#
        )
        #expect(file.code.offences("try!") == ["a.swift:3: try! c()"])
        #expect(file.code.lines.map(\.utf8.count) == file.text.lines.map(\.utf8.count))
    }

    @Test func wordsAreWhole() {
        #expect(TextFile(path: "a", text: "TODOs").offences("TODO").isEmpty)
        #expect(TextFile(path: "a", text: "// TODO: x").offences("TODO").count == 1)
        #expect(TextFile(path: "a", text: "x.nowhere").offences(".now").isEmpty)
        #expect(TextFile(path: "a", text: "f(at: .now)").offences(".now").count == 1)
    }

    @Test func functionsAreMeasured() {
        let file = file(
            """
            struct A {
                init(_ f: () -> Void = {}) {
                    self.init(1)
                }
                var b: Int {
                    3
                }
                public mutating func c(
                    d: Int
                ) throws(E) -> Int
                where E: Error {
                    if d > 0 { return 1 }
                    return 2
                }
                var stored = 1
                func short() {}
            }
            """
        )
        #expect(file.functions.map(\.line) == [1, 4, 7, 15])
        #expect(file.functions.map(\.lineCount) == [3, 3, 7, 1])
    }

    @Test func importsAreRead() {
        let file = file("public import A\nimport B\n@testable internal import C\n// import D")
        #expect(file.imports.map(\.module) == ["A", "B", "C"])
        #expect(file.imports.map(\.access) == ["public", "", "internal"])
    }

    @Test(arguments: [
        ("a!", true), ("b[1]!.c", true), ("f()!", true), ("a != b", false), ("!a", false), ("a!=b", false),
    ])
    func forcedUnwrappingIsSeen(_ line: String, _ isForced: Bool) {
        #expect(SwiftTests.unwraps(line[...]) == isForced)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Testing

/// Tests can fail, and those that cannot run are disabled by a condition, so they are counted as skipped.
struct TestTests {
    private static let tests = TestFunction.all.filter(\.isTest)

    /// Files with tests, except these ones, which name what they look for.
    private static let files = Repository.swiftFiles.filter {
        $0.path.hasPrefix("Tests/") && !$0.path.hasPrefix("Tests/TidyTests/") && !$0.path.hasPrefix("Tests/Fuzz/")
    }

    @Test func theScanSeesThem() {
        #expect(Self.tests.count > 550)
        #expect(TestFunction.helpers.contains("expectNone"))
    }

    @Test func everyTestAsserts() {
        expectNone(
            Self.tests.filter { !TestFunction.assert($0.lines.dropFirst()) }
                .map { $0.file.text.offence(at: $0.line, "\($0.name) expects nothing") }
        )
    }

    /// A loop over an empty list asserts nothing, so a test with loops over computed values also states how many there
    /// are.
    @Test func loopsAreKnownToRun() {
        expectNone(
            Self.tests.filter { TestFunction.assert($0.lines.dropFirst()) && !TestFunction.assert($0.linesRunForSure) }
                .map { $0.file.text.offence(at: $0.line, "\($0.name) asserts in loops only, which may not run") }
        )
    }

    /// A test that returns early passes without a reason. `#require`, or a trait that disables it, gives one.
    @Test func noTestReturnsEarly() {
        expectNone(
            Self.tests.flatMap { test in
                test.lines.indices.filter { Self.leaves(test.lines, at: $0) }
                    .map { test.file.text.offence(at: test.line + $0, "\(test.name) returns early") }
            }
        )
    }

    /// Whether a line is the `return` of a `guard` that records no issue.
    static func leaves(_ lines: [Substring], at index: Int) -> Bool {
        let text = lines[index].drop { $0 == " " }
        if text.hasPrefix("guard "), text.hasSuffix("else { return }") { return true }
        guard text == "return", index > 0 else { return false }
        let before = lines[..<index].reversed().prefix { !$0.hasSuffix("{") }
        let opening = lines[index - before.count - 1]
        return opening.hasSuffix("else {") && !TestFunction.assert(before)
    }

    @Test func nothingIsSkippedByWord() {
        expectNone(Self.files.flatMap { $0.text.offences("print(\"skip", "print(\"skipped") })
    }

    @Test func nothingIsComparedWithItself() {
        expectNone(Self.files.flatMap { $0.code.offences("#expect", where: Self.comparesItself) })
    }

    static func comparesItself(_ line: Substring) -> Bool {
        line.matches(of: /#expect\(([^"=<>]+) (?:==|>=|<=) ([^"=<>]+)\)$/).contains { $0.1 == $0.2 }
    }

    /// Waiting for some time shows nothing; waiting until something holds does.
    @Test func sleepsAreInLoops() {
        expectNone(
            Self.files.flatMap { file in
                file.code.lines.indices.filter { file.code.lines[$0].contains("Task.sleep") }
                    .filter { !Self.isInLoop(file.code.lines, $0) }
                    .map { file.text.offence(at: $0, String(file.text.lines[$0])) }
            }
        )
    }

    private static func isInLoop(_ lines: [Substring], _ index: Int) -> Bool {
        var indent = lines[index].prefix { $0 == " " }.count
        for line in lines[...index].reversed() {
            let own = line.prefix { $0 == " " }.count
            let text = line.dropFirst(own)
            guard !text.isEmpty, own < indent || line == lines[index] else { continue }
            if text.hasPrefix("while ") || text.hasPrefix("for ") { return true }
            if text.contains("func ") { return false }
            indent = own
        }
        return false
    }

    /// Each argument is a line in the log, so a test that needs thousands of seeds uses a loop that counts its results.
    @Test func argumentsAreFew() {
        expectNone(
            Self.files.flatMap { file in
                file.code.offences("arguments:") { line in
                    line.matches(of: /\.\.[.<]([0-9_]+)/).contains { (Int($0.1.filter(\.isNumber)) ?? 0) > 500 }
                }
            }
        )
    }

    @Test func theRulesSeeWhatTheyLookFor() {
        #expect(Self.leaves(["    guard let a = b else { return }"], at: 0))
        #expect(Self.leaves(["    guard let a = b else {", "        return"], at: 1))
        #expect(!Self.leaves(["    guard let a = b else {", "        Issue.record(\"\")", "        return"], at: 2))
        #expect(Self.comparesItself("        #expect(a.b == a.b)"))
        #expect(!Self.comparesItself("        #expect(a.b == a.c)"))
        #expect(Self.isInLoop(["while x {", "    try await Task.sleep(1)", "}"], 1))
        #expect(!Self.isInLoop(["func x() {", "    try await Task.sleep(1)", "}"], 1))
    }
}

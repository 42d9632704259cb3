// SPDX-License-Identifier: Apache-2.0

import Testing

/// docs/THREATS.md: every defence names its test.
struct ThreatTests {
    private struct Row {
        let line: Int
        let defence: Substring
        let tests: Substring
    }

    private let document = Repository.files.first { $0.path == "docs/THREATS.md" }

    private var rows: [Row] {
        (document?.lines ?? []).enumerated().compactMap { index, line in
            guard line.hasPrefix("| "), !line.hasPrefix("| ---"), !line.hasSuffix("| test |") else { return nil }
            let cells = line.dropFirst(2).dropLast(2).split(separator: " | ", omittingEmptySubsequences: false)
            let isWhole = cells.count == 3
            return Row(line: index, defence: isWhole ? cells[1] : "", tests: isWhole ? cells[2] : "")
        }
    }

    @Test func everyRowNamesATest() throws {
        let document = try #require(document)
        #expect(rows.count > 60)
        expectNone(
            rows.filter { Self.codes($0.tests).isEmpty }.map { document.offence(at: $0.line, "no test is named") }
        )
    }

    @Test func namedTestsExist() throws {
        let document = try #require(document)
        expectNone(
            rows.flatMap { row in
                Self.codes(row.tests).filter { !Self.exists($0) }
                    .map { document.offence(at: row.line, "no test `\($0)`") }
            }
        )
    }

    @Test func namedLimitsAndTypesExist() throws {
        let document = try #require(document)
        let words = Set(Repository.moduleFiles.flatMap { $0.code.lines.flatMap { $0.split { !$0.isNamePart } } })
        expectNone(
            rows.flatMap { row in
                Self.codes(row.defence).filter { name in
                    guard name.wholeMatch(of: /[A-Za-z]\w*(\.\w+)?/) != nil else { return false }
                    return !name.split(separator: ".").allSatisfy(words.contains)
                }.map { document.offence(at: row.line, "nothing is named `\($0)`") }
            }
        )
    }

    @Test("Missing names are found")
    func missing() {
        let names = [
            "Tests/TidyTests/Nothing.swift", "NoTests", "ThreatTests.nothing", "no.scenario", "no.*", "make no",
        ]
        #expect(names.filter(Self.exists).isEmpty)
        let known = [
            "Tests/TidyTests", "ThreatTests", "ThreatTests.missing", "poison.v1", "poison.*", "make crash", "url",
        ]
        #expect(known.filter { !Self.exists($0) }.isEmpty)
    }

    private static func codes(_ cell: Substring) -> [String] { cell.matches(of: /`([^`]+)`/).map { String($0.1) } }

    /// Whether `name` is a file, a suite or one of its tests, one or more scenarios, a fuzz target, or a make target.
    private static func exists(_ name: String) -> Bool {
        if name.hasPrefix("Tests/") { return Repository.exists(name) }
        if name.hasPrefix("make ") { return targets.contains("\(name.dropFirst(5)):") }
        if name.first?.isUppercase == true {
            let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
            guard let suite = suites[parts[0]] else { return false }
            return parts.count == 1 || suite.contains(parts[1])
        }
        if name.hasSuffix(".*") { return scenarios.contains { $0.hasPrefix(name.dropLast()) } }
        return scenarios.contains { matches($0, name) } || fuzzTargets.contains(name)
    }

    /// Tests by the suite that their file is named after.
    private static let suites: [String: Set<String>] = {
        var found: [String: Set<String>] = [:]
        for file in Repository.swiftFiles where file.path.hasPrefix("Tests/") {
            for line in file.code.lines {
                guard let match = line.firstMatch(of: /\b(?:struct|extension|class|actor|enum) (\w+Tests)\b/) else {
                    continue
                }
                let tests = TestFunction.all.filter { $0.isTest && $0.file.path == file.path }.map(\.name)
                found[String(match.1), default: []].formUnion(tests)
            }
        }
        return found
    }()

    /// Names of scenarios, some with a placeholder.
    private static let scenarios: Set<String> = literals(in: "Tests/Interop/harness/scenarios/", ending: ".py")

    private static let fuzzTargets: Set<String> = literals(in: "Tests/Fuzz/Sources/Fuzz/Targets/", ending: ".swift")

    private static let targets: Set<Substring> = Set(
        (Repository.files.first { $0.path == "Makefile" }?.lines ?? []).map { $0.prefix { $0 != " " } }
    )

    private static func literals(in folder: String, ending: String) -> Set<String> {
        let files = Repository.files.filter { $0.path.hasPrefix(folder) && $0.path.hasSuffix(ending) }
        return Set(
            files.flatMap { $0.lines.flatMap { $0.matches(of: /"([a-z][\w.{}-]*)"/).map { String($0.1) } } }
        )
    }

    /// Whether `name` matches `literal`, in which braces stand for anything.
    private static func matches(_ literal: String, _ name: String) -> Bool {
        guard let start = literal.firstIndex(of: "{"), let end = literal.lastIndex(of: "}") else {
            return literal == name
        }
        return start > literal.startIndex && name.hasPrefix(literal[..<start])
            && name.hasSuffix(literal[literal.index(after: end)...])
    }
}

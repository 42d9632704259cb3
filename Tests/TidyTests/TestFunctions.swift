// SPDX-License-Identifier: Apache-2.0

/// A function of a test target.
struct TestFunction {
    let file: SwiftFile
    let name: String
    /// Whether it is marked `@Test`, rather than a helper.
    let isTest: Bool
    /// The line on which its declaration starts.
    let line: Int
    /// The lines from its declaration to its closing brace, without comments and the insides of strings.
    let lines: [Substring]

    /// Every function in the test targets, except those of fuzzers and of the tidy tests themselves.
    static let all: [TestFunction] = Repository.swiftFiles
        .filter { $0.path.hasPrefix("Tests/") && !$0.path.hasPrefix("Tests/Fuzz/") }
        .flatMap { file in file.functions.compactMap { TestFunction(file, $0) } }

    /// Returns nil for an accessor or initialiser.
    init?(_ file: SwiftFile, _ function: SwiftFile.Function) {
        guard let words = function.name.firstRange(of: "func ") else { return nil }
        self.file = file
        // A quoted name is between backticks, and may contain anything else.
        let rest = function.name[words.upperBound...]
        name =
            rest.first == "`" ? String(rest.dropFirst().prefix { $0 != "`" }) : String(rest.prefix(while: \.isNamePart))
        line = function.line
        lines = Array(file.code.lines[line..<line + function.lineCount])
        isTest = Self.isMarked(file.code.lines, before: line)
    }

    /// Whether `@Test` is on the line, or on earlier lines that belong to no other declaration.
    private static func isMarked(_ lines: [Substring], before line: Int) -> Bool {
        let indent = lines[line].prefix { $0 == " " }
        for index in stride(from: line, through: max(0, line - 12), by: -1) {
            let text = lines[index].drop { $0 == " " }
            if text.hasPrefix("@Test"), index == line || !text.contains("func ") {
                return lines[index].prefix { $0 == " " } == indent
            }
            let isEnd = text.isEmpty || text == "}" || text == "#endif" || text.hasPrefix("struct ")
            if index < line, isEnd || text.hasPrefix("@Suite") || text.hasSuffix("{") { return false }
        }
        return false
    }
}

extension TestFunction {
    /// What makes a test fail.
    static let assertions = ["#expect", "#require", "Issue.record", "confirmation", "expectNone"].map { Array($0.utf8) }

    /// Whether one of `lines` asserts something, directly or through a helper.
    static func assert(_ lines: some Sequence<Substring>, helpers: Set<String> = TestFunction.helpers) -> Bool {
        lines.contains { line in
            assertions.contains { line.holds($0) }
                || line.split { !$0.isNamePart }.contains { helpers.contains(String($0)) }
        }
    }

    /// Functions that assert, or call one that does.
    static let helpers: Set<String> = {
        var found: Set<String> = []
        var count = -1
        while count < found.count {
            count = found.count
            let helpers = all.filter { !$0.isTest && assert($0.lines.dropFirst(), helpers: found) }
            found.formUnion(helpers.map(\.name).filter { $0.count > 3 })
        }
        return found
    }()

    /// The lines outside loops that may not run: loops over anything but a literal, a range or all cases of a type.
    var linesRunForSure: [Substring] {
        var sure: [Substring] = []
        var loopIndent: Int?
        for text in lines {
            let indent = text.prefix { $0 == " " }.count
            if let start = loopIndent {
                if indent <= start, text.drop(while: { $0 == " " }).hasPrefix("}") { loopIndent = nil }
            } else if isLoopOverUnknown(text) {
                loopIndent = text.hasSuffix("}") ? nil : indent
            } else {
                sure.append(text)
            }
        }
        return sure
    }

    private func isLoopOverUnknown(_ text: Substring) -> Bool {
        guard text.drop(while: { $0 == " " }).hasPrefix("for "), let place = text.firstRange(of: " in ") else {
            return false
        }
        let sequence = text[place.upperBound...]
        if sequence.hasPrefix("[") || ["..<", "...", ".allCases"].contains(where: { sequence.contains($0) }) {
            return false
        }
        let name = sequence.prefix(while: \.isNamePart)
        return !lines.contains { $0.contains("let \(name)") && $0.hasSuffix("[") || $0.contains("let \(name) = [") }
    }
}

extension Character {
    /// Whether it can be part of a Swift name.
    var isNamePart: Bool { isLetter || isNumber || self == "_" }
}

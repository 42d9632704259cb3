// SPDX-License-Identifier: Apache-2.0

import Testing

/// One idiom for errors: a struct with an open set of codes, sentences for users, and a line at each function that
/// throws.
struct ErrorTests {
    /// Public errors, by file and the line of their declaration.
    private static let errors: [(file: SwiftFile, line: Int, name: String, kind: Substring)] =
        Repository.moduleFiles.flatMap { file in
            file.code.lines.enumerated().compactMap { index, line in
                guard let match = line.firstMatch(of: /^public (struct|enum|final class) (\w+): (?:\w+, )*Error\b/)
                else {
                    return nil
                }
                return (file, index, String(match.2), match.1)
            }
        }

    @Test func publicErrorsAreStructsWithOpenCodes() {
        #expect(Self.errors.count > 8, "the scan sees errors")
        for error in Self.errors {
            let body = error.file.code.lines[error.line...].prefix { $0 != "}" }
            #expect(error.kind == "struct", "\(error.name)")
            #expect(body.contains { $0.hasPrefix("    public struct Code: Hashable, Sendable") }, "\(error.name)")
            #expect(body.contains { $0 == "    public let code: Code" }, "\(error.name)")
        }
    }

    @Test func publicErrorsHaveWordsForPeople() {
        let lines = Repository.moduleFiles.flatMap(\.code.lines)
        #expect(Self.errors.count > 8, "the scan sees errors")
        for error in Self.errors {
            #expect(lines.contains("extension \(error.name): LocalizedError {"), "\(error.name)")
        }
    }

    /// A function that only rethrows errors of its argument has none of its own.
    @Test func throwingFunctionsSayWhat() {
        let throwing = Repository.moduleFiles.flatMap { file in file.publicThrowers.map { (file, $0) } }
        #expect(throwing.count > 40, "the scan sees functions")
        expectNone(
            throwing.filter { file, line in !file.documentation(above: line).contains("- Throws:") }
                .map { file, line in file.text.offence(at: line, "\(file.text.lines[line]) has no \"- Throws:\"") }
        )
    }

    @Test func scannerFindsWhatThrows() {
        let file = SwiftFile(
            TextFile(
                path: "a.swift",
                text: """
                    public func a(_ b: () throws -> Void) {}
                    public func c(
                        d: Int
                    ) async throws(MyError) -> Int { 1 }
                    public func e<E>(_ b: () throws(E) -> Void) throws(E) {}
                    func f() throws {}
                    public protocol P {
                        func g() throws
                    }
                    """
            )
        )
        #expect(file.publicThrowers == [1, 7])
    }
}

extension SwiftFile {
    /// Lines on which a public function starts that throws an error of its own, including requirements of public
    /// protocols.
    fileprivate var publicThrowers: [Int] {
        var isInProtocol = false
        return code.lines.indices.filter { index in
            let line = code.lines[index]
            if line.hasPrefix("public protocol") { isInProtocol = true }
            if line == "}" { isInProtocol = false }
            let isPublic = line.contains(/^\s*(?:@\w+ )*public\b.*\b(?:func|init|subscript)\b/)
            guard isPublic || (isInProtocol && line.contains(/^ +(?:mutating )?(?:func|init)\b/)) else { return false }
            return Self.throwsItself(signature(from: index))
        }
    }

    /// Returns a declaration from its first line to its body.
    private func signature(from start: Int) -> String {
        var text = ""
        var depth = 0
        for line in code.lines[start...].prefix(30) {
            text += line
            depth += line.count { $0 == "(" } - line.count { $0 == ")" }
            if depth <= 0, !line.hasSuffix(",") { break }
        }
        return text
    }

    /// Whether `throws` is outside the parameters, and not that of a function passed in.
    private static func throwsItself(_ signature: String) -> Bool {
        var depth = 0
        var outside = ""
        var isTyped = false
        for character in signature {
            if character == "{", depth == 0 { break }
            if character == ")" {
                depth -= 1
                isTyped = false
            }
            if depth == 0 || isTyped { outside.append(character) }
            if character == "(" {
                isTyped = depth == 0 && outside.hasSuffix("throws(")
                depth += 1
            }
        }
        return outside.contains(/\bthrows\b/) && !outside.contains("throws(E)")
    }

    /// Returns the comment above a line.
    func documentation(above line: Int) -> String {
        var lines: [Substring] = []
        for above in text.lines[..<line].reversed() {
            let stripped = above.drop { $0 == " " }
            guard stripped.hasPrefix("///") || stripped.hasPrefix("@") else { break }
            lines.append(stripped)
        }
        return lines.reversed().joined(separator: "\n")
    }
}

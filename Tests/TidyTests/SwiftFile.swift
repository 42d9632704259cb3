// SPDX-License-Identifier: Apache-2.0

/// A Swift file, and the same without the content of its comments and string literals, so that only code is searched.
struct SwiftFile: Sendable {
    let text: TextFile
    /// The same lines with the same lengths, with spaces in place of comments and the insides of strings.
    let code: TextFile

    var path: String { text.path }

    init(_ text: TextFile) {
        self.text = text
        code = TextFile(path: text.path, text: CodeOnly.of(text.lines.joined(separator: "\n")))
    }

    /// The module of a file under `Modules`.
    var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    /// What it imports, with the access level of each import.
    var imports: [(module: String, access: String, line: Int)] {
        let keyword = Array("import".utf8)
        return code.lines.enumerated().filter { $1.holds(keyword) }.compactMap { index, line in
            let words = line.split(separator: " ")
            guard let place = words.firstIndex(of: "import"), let module = words.last, place < words.count - 1 else {
                return nil
            }
            return (String(module), place > 0 ? String(words[place - 1]) : "", index)
        }
    }
}

/// Blanks comments and string literals, including interpolations. Columns are counted in bytes.
private struct CodeOnly {
    private let input: [UInt8]
    private var position = 0
    private var out: [UInt8] = []

    static func of(_ text: String) -> String {
        var scanner = CodeOnly(input: Array(text.utf8))
        scanner.scan()
        return String(decoding: scanner.out, as: UTF8.self)
    }

    private init(input: [UInt8]) { self.input = input }

    private mutating func scan() {
        while position < input.count {
            if isAt("//") {
                while position < input.count, !isAt("\n") { blank() }
            } else if isAt("/*") {
                while position < input.count, !isAt("*/") { blank() }
                blank(2)
            } else if isAt("\"\"\"") {
                blankString(endingIn: "\"\"\"")
            } else if isAt("\"") {
                blankString(endingIn: "\"")
            } else {
                out.append(input[position])
                position += 1
            }
        }
    }

    private mutating func blankString(endingIn quote: StaticString) {
        blank(quote.utf8CodeUnitCount)
        var depth = 0
        while position < input.count {
            if isAt("\\(") {
                depth += 1
                blank(2)
            } else if isAt("\\") {
                blank(2)
            } else if depth > 0 {
                depth += isAt("(") ? 1 : isAt(")") ? -1 : 0
                blank()
            } else if isAt(quote) {
                return blank(quote.utf8CodeUnitCount)
            } else {
                blank()
            }
        }
    }

    private func isAt(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { input[position...].starts(with: $0) }
    }

    private mutating func blank(_ count: Int = 1) {
        for byte in input[position...].prefix(count) { out.append(byte == 0x0a ? byte : 0x20) }
        position += count
    }
}

// SPDX-License-Identifier: Apache-2.0

extension SwiftFile {
    /// A function, initialiser or accessor block: where it starts, and how many lines it has.
    struct Function {
        let name: String
        let line: Int
        let lineCount: Int
    }

    /// Every function that has a body, found by its braces.
    var functions: [Function] {
        code.lines.indices.compactMap { index in
            guard let name = Self.declared(in: code.lines[index]), let end = endOfBody(from: index) else { return nil }
            return Function(name: name, line: index, lineCount: end - index + 1)
        }
    }

    /// Returns what a line starts to declare; nil if it is not code, or declares nothing. A call of `.init` is not a
    /// declaration.
    private static func declared(in line: Substring) -> String? {
        for word in line.split(separator: " ") {
            let stem = word.prefix { $0.isLetter || $0 == "_" || $0 == "@" }
            switch stem {
            case "func", "init", "deinit", "subscript", "var": return String(line.drop { $0 == " " })
            case "let", "case", "if", "guard", "for", "while", "return", "switch", "": return nil
            default: if stem != word, !word.hasSuffix(")") { return nil }
            }
        }
        return nil
    }

    /// Returns the line of the brace that closes the first one outside parentheses; nil if a statement ends before one.
    private func endOfBody(from start: Int) -> Int? {
        var parentheses = 0
        var braces = 0
        for index in start..<code.lines.count {
            for character in code.lines[index] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{" where parentheses == 0 || braces > 0: braces += 1
                case "}" where braces > 0:
                    braces -= 1
                    if braces == 0 { return index }
                case "}" where parentheses == 0: return nil
                default: break
                }
            }
            let isOpen = parentheses > 0 || braces > 0
            let next = index + 1 < code.lines.count ? code.lines[index + 1].drop { $0 == " " } : ""
            let goesOn = ["{", ")", "->", "where", "throws", "async"].contains { next.hasPrefix($0) }
            if !isOpen, !goesOn { return nil }
        }
        return nil
    }
}

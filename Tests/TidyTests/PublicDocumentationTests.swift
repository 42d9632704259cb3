// SPDX-License-Identifier: Apache-2.0

import Testing

/// The documentation of what is public names no type that a user of the SDK cannot see.
struct PublicDocumentationTests {
    private static let declaredTypes: Set<String> = Set(
        Repository.moduleFiles.flatMap { file in
            file.code.lines.compactMap { line in
                line.firstMatch(of: /\b(?:struct|class|enum|protocol|actor) ([A-Z]\w*)/).map { String($0.1) }
            }
        }
    )

    private static let publicWords: Set<String> = Set(
        Repository.files.filter { $0.path.hasPrefix("docs/public-api/") }
            .flatMap { file in file.lines.flatMap { $0.split { !$0.isNamePart } } }.map(String.init)
    )

    @Test func namedTypesArePublic() {
        let hidden = Self.declaredTypes.subtracting(Self.publicWords)
        #expect(hidden.count > 500, "the scan sees types")
        expectNone(
            Repository.moduleFiles.flatMap { file in
                file.publicLines.flatMap { line in
                    Self.names(in: file.documentation(above: line)).filter(hidden.contains)
                        .map { file.text.offence(at: line, "its documentation names \($0), which is not public") }
                }
            }
        )
    }

    @Test func scannerFindsNames() {
        #expect(Self.names(in: "/// `Alpha.beta(_:)` and `Gamma`, not `Delta-Echo` or `golf`.") == ["Alpha", "Gamma"])
        let text = "public import A\n    public var b = 1\n@x public func c() {}\nlet d = 1\n"
        #expect(SwiftFile(TextFile(path: "a.swift", text: text)).publicLines == [1, 2])
    }

    /// The types that a comment names in code style.
    private static func names(in comment: String) -> [String] {
        comment.matches(of: /`([A-Z]\w*)[`.(<]/).map { String($0.1) }
    }
}

extension SwiftFile {
    /// The lines on which a public declaration begins.
    fileprivate var publicLines: [Int] {
        code.lines.indices.filter { code.lines[$0].contains(/^\s*(?:@\w+ )*public (?!import)/) }
    }
}

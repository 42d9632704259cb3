// SPDX-License-Identifier: Apache-2.0

import Testing

/// Code in documents is compiled: a test contains the same lines.
struct DocumentedCodeTests {
    /// Blocks of a document that start with these words, and the file that contains them.
    private static let blocks = [
        (document: "docs/ARCHITECTURE.md", start: "struct Greeting", file: "Tests/SwarmTests/Extensions/Greeting.swift")
    ]

    @Test func blocksAreCompiled() throws {
        #expect(Self.blocks.count == 1)
        for block in Self.blocks {
            let document = try #require(Repository.files.first { $0.path == block.document })
            let code = try #require(Repository.files.first { $0.path == block.file }).lines
            let start = try #require(document.lines.firstIndex { $0.hasPrefix(block.start) }, "\(block)")
            let lines = document.lines[start...].prefix { $0 != "```" }
            let place = try #require(code.firstIndex(of: lines[start]))
            #expect(lines.count >= 10 && Array(code[place...].prefix(lines.count)) == Array(lines), "\(block)")
        }
    }
}

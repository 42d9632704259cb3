// SPDX-License-Identifier: Apache-2.0

import Testing

/// Code in documents is compiled and run: an example contains the same lines.
struct DocumentedCodeTests {
    /// Blocks that are not an app's code, by their first lines.
    private static let exceptions: Set<Substring> = [
        "// swift-tools-version: 6.2",
        "core.handleMessage(message, from: slot, in: &batch)  // batch: the time, and what the core asks for",
    ]

    private static let documents = Repository.files.filter { $0.path.hasSuffix(".md") }
    private static let examples = Repository.files.filter {
        $0.path.hasPrefix("Examples/") && $0.path.hasSuffix(".swift")
    }

    @Test func blocksStandInExamples() {
        let blocks = Self.documents.flatMap { document in document.swiftBlocks.map { (document, $0) } }
        #expect(blocks.count > 8, "the scan sees blocks")
        expectNone(
            blocks.filter { _, block in !Self.exceptions.contains(block.lines[0]) }
                .filter { _, block in !Self.examples.contains { $0.holds(block.lines) } }
                .map { document, block in document.offence(at: block.line, "no example has these lines") }
        )
    }

    /// The program in README is a whole file.
    @Test func readmeShowsTheWholeProgram() throws {
        let readme = try #require(Self.documents.first { $0.path == "README.md" })
        let program = try #require(Self.examples.first { $0.path == "Examples/fetch/Fetch.swift" })
        let block = try #require(readme.swiftBlocks.first)
        #expect(program.lines.dropFirst(2).dropLast() == block.lines[...])
    }

    @Test func scannerFindsLinesAtAnyDepth() {
        let example = TextFile(path: "a.swift", text: "struct A {\n    func b() {\n        c()\n\n    }\n}\n")
        #expect(example.holds(["func b() {", "    c()", "", "}"]))
        #expect(!example.holds(["func b() {", "c()"]))
        #expect(!example.holds(["func b() {", "    c()", "}"]))
        let document = TextFile(path: "a.md", text: "A:\n```swift\nc()\n```\n```text\nd\n```\n")
        #expect(document.swiftBlocks.map(\.lines) == [["c()"]] && document.swiftBlocks.map(\.line) == [2])
    }
}

extension TextFile {
    /// The lines of each block of Swift in a document, and where it begins.
    fileprivate var swiftBlocks: [(line: Int, lines: [Substring])] {
        lines.indices.filter { lines[$0] == "```swift" }.map { fence in
            (fence + 1, Array(lines[(fence + 1)...].prefix { $0 != "```" }))
        }
    }

    /// Whether these lines follow one another here, all of them indented by as much more.
    fileprivate func holds(_ block: [Substring]) -> Bool {
        guard let first = block.first, lines.count >= block.count else { return false }
        return lines.indices.dropLast(block.count - 1).contains { start in
            guard lines[start].hasSuffix(first) else { return false }
            let indent = lines[start].dropLast(first.count)
            guard indent.allSatisfy({ $0 == " " }) else { return false }
            return zip(lines[start...], block).allSatisfy { line, wanted in
                wanted.isEmpty ? line.isEmpty : line == indent + wanted
            }
        }
    }
}

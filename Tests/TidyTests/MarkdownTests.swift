// SPDX-License-Identifier: Apache-2.0

import Testing

/// The documents.
struct MarkdownTests {
    private static let documents = Repository.files.filter { $0.path.hasSuffix(".md") }
    private static let languages: Set = ["", "c", "console", "json", "python", "sh", "swift", "text", "yaml"]

    @Test(arguments: documents.map(\.path)) func linksLeadSomewhere(_ path: String) throws {
        let document = try #require(Self.documents.first { $0.path == path })
        let folder = path.split(separator: "/").dropLast().map(String.init)
        var offences: [String] = []
        for (index, line) in document.lines.enumerated() {
            for match in line.matches(of: /\]\(([^)#\s]+)[^)]*\)/) where !match.1.contains(":") {
                let target = Self.resolve(String(match.1), in: folder)
                if !Repository.exists(target) { offences.append(document.offence(at: index, "no file \(target)")) }
            }
        }
        expectNone(offences)
    }

    /// A file or folder of ours that a document names in code style exists.
    @Test(arguments: documents.map(\.path)) func namedPathsExist(_ path: String) throws {
        let document = try #require(Self.documents.first { $0.path == path })
        var offences: [String] = []
        for (index, line) in document.lines.enumerated() {
            for match in line.matches(of: /`((?:Modules|Tests|Examples|Benchmarks|docs)\/[\w\/.+-]+)`/)
            where !Repository.exists(String(match.1)) {
                offences.append(document.offence(at: index, "no file \(match.1)"))
            }
        }
        expectNone(offences)
    }

    @Test(arguments: documents.map(\.path)) func fencesAreWhole(_ path: String) throws {
        let document = try #require(Self.documents.first { $0.path == path })
        let fences = document.lines.enumerated().filter { $1.hasPrefix("```") }
        #expect(fences.count.isMultiple(of: 2), "a fence is not closed")
        for (number, fence) in fences.enumerated() {
            let language = fence.element.dropFirst(3)
            let isRight = number.isMultiple(of: 2) ? Self.languages.contains(String(language)) : language.isEmpty
            #expect(isRight, "\(document.offence(at: fence.offset, String(fence.element)))")
        }
    }

    private static func resolve(_ link: String, in folder: [String]) -> String {
        var parts = folder
        for part in link.split(separator: "/") {
            switch part {
            case ".": break
            case "..": _ = parts.popLast()
            default: parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }
}

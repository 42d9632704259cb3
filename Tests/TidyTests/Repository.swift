// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The working tree that these tests were compiled from.
enum Repository {
    static let root: URL = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every text file of ours, by its path from the root: nothing built, fetched or hidden, except `.ci`.
    static let files: [TextFile] = paths.sorted().compactMap { path in
        guard isText(path), let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else {
            return nil
        }
        return TextFile(path: path, text: text)
    }

    static let swiftFiles: [SwiftFile] = files.filter { $0.path.hasSuffix(".swift") }.map(SwiftFile.init)

    static var moduleFiles: [SwiftFile] { swiftFiles.filter { $0.path.hasPrefix("Modules/") } }

    /// Protocol logic: it receives time and randomness as arguments, and does no input or output.
    static var coreFiles: [SwiftFile] {
        moduleFiles.filter { $0.path.contains("/Core/") || $0.path.hasPrefix("Modules/Wire/") }
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path(percentEncoded: false))
    }

    /// Returns the content of a folder; hidden entries only on request.
    static func entries(of folder: String, hidden: Bool = false) -> Set<String> {
        let path = root.appending(path: folder).path(percentEncoded: false)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return Set(names.filter { hidden || !$0.hasPrefix(".") })
    }

    private static let paths: [String] = {
        let roots = entries(of: "", hidden: true).filter { !$0.hasPrefix(".") || $0 == ".ci" }
        return roots.flatMap { name in
            let start = root.appending(path: name)
            guard let walk = FileManager.default.enumerator(atPath: start.path(percentEncoded: false)) else {
                return [name]
            }
            var found = [name]
            while let entry = walk.nextObject() as? String {
                if entry.split(separator: "/").last?.hasPrefix(".") == true {
                    walk.skipDescendants()
                } else {
                    found.append("\(name)/\(entry)")
                }
            }
            return found
        }
    }()

    private static func isText(_ path: String) -> Bool {
        let endings = [".swift", ".md", ".py", ".sh", ".txt", ".c", ".h", ".modulemap"]
        return endings.contains(where: path.hasSuffix) || isScript(path) || path == "Makefile"
    }

    private static func isScript(_ path: String) -> Bool {
        path.hasPrefix(".ci/") || path == "Tests/Fuzz/run"
    }
}

/// A file as text.
struct TextFile: Sendable {
    let path: String
    let lines: [Substring]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Where one of `phrases` occurs and `isWrong` agrees, as `path:line: line`. A phrase that starts or ends with a
    /// letter is only found as whole words.
    func offences(_ phrases: String..., where isWrong: (Substring) -> Bool = { _ in true }) -> [String] {
        let phrases = phrases.map { Array($0.utf8) }
        return lines.enumerated().filter { _, line in phrases.contains { line.holds($0) } && isWrong(line) }
            .map { offence(at: $0, String($1)) }
    }

    func offence(at line: Int, _ what: String) -> String {
        "\(path):\(line + 1): \(what.trimmingCharacters(in: .whitespaces))"
    }
}

extension Substring {
    /// Whether the text contains `phrase`. Uses plain loops, because every line of the project is searched many times.
    func holds(_ phrase: [UInt8]) -> Bool {
        let found = utf8.withContiguousStorageIfAvailable { line in
            guard let first = phrase.first, let last = phrase.last, line.count >= phrase.count else { return false }
            for start in 0...line.count - phrase.count where line[start] == first {
                let end = start + phrase.count
                guard line[start..<end].elementsEqual(phrase) else { continue }
                let cutsWord =
                    (first.isWordPart && start > 0 && line[start - 1].isWordPart)
                    || (last.isWordPart && end < line.count && line[end].isWordPart)
                if !cutsWord { return true }
            }
            return false
        }
        return found == true
    }
}

extension UInt8 {
    /// A letter, digit or underscore.
    var isWordPart: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }
}

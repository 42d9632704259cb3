// SPDX-License-Identifier: Apache-2.0

/// Parses the files of a v1 info dictionary: `files`, or `length` for a single file (BEP 3, BEP 47).
struct FileListParser {
    let info: MetainfoFields
    let limits: WireLimits
    let work: ParsingWork

    /// Returns the files in order, including padding; nil if neither key exists. Adds their folders to `folders`.
    func parse(into folders: inout RawFolders) throws(MetainfoError) -> [RawFile]? {
        if let list = info.view["files"] { return try parseList(list, &folders) }
        guard info.view["length"] != nil else { return nil }
        return [try RawFile(describedBy: info, name: nil, limits: limits)]
    }

    private func parseList(_ list: BencodeView, _ folders: inout RawFolders) throws(MetainfoError) -> [RawFile] {
        guard list.kind == .list else { throw info.error(.wrongType, "files", list, expected: "a list") }
        var files: [RawFile] = []
        for element in list.elements {
            guard files.count < limits.metainfoFileCount else {
                throw info.error(.limit, "files", element, expected: "at most \(limits.metainfoFileCount) files")
            }
            files.append(try parseFile(element, &folders))
            try work.note(element.range.count)
        }
        return files
    }

    private func parseFile(_ element: BencodeView, _ folders: inout RawFolders) throws(MetainfoError) -> RawFile {
        let fields = try MetainfoFields(element, name: "info.files")
        let path = try parsePath(fields)
        let folder = folders.enter(path.dropLast())
        var file = try RawFile(describedBy: fields, name: path.last, in: folder, limits: limits)
        if path.last?.starts(with: Self.paddingPrefix) == true { file.attributes.insert(.padding) }
        guard !path.isEmpty || file.attributes.contains(.padding) else {
            throw fields.error(.badValue, "path", element["path"] ?? element, expected: "one component or more")
        }
        return file
    }

    private func parsePath(_ fields: MetainfoFields) throws(MetainfoError) -> [ArraySlice<UInt8>] {
        let depth = limits.metainfoPathDepth
        // Files from before UTF-8 was required have names in a local encoding, and additionally these.
        if let path = try? fields.strings("path.utf-8", limit: depth), !path.isEmpty, path.allSatisfy(\.isText) {
            return path
        }
        return try fields.strings("path", limit: depth) ?? []
    }

    /// The name of padding before it had an attribute.
    private static let paddingPrefix = Array("_____padding_file_".utf8)
}

// SPDX-License-Identifier: Apache-2.0

/// A path as the folder and the name in it, byte by byte: Foundation's URLs remove a byte order mark from names.
struct PathParts {
    /// `.` if the path is only a name.
    let folder: String
    /// Without slashes; empty for `/`.
    let name: String

    init(_ path: String) {
        let slash = UInt8(ascii: "/")
        let end = path.utf8.lastIndex { $0 != slash }.map { path.utf8.index(after: $0) } ?? path.startIndex
        let whole = path.utf8[..<end]
        let start = whole.lastIndex(of: slash).map { path.utf8.index(after: $0) } ?? path.startIndex
        name = String(Substring(whole[start...]))
        folder = start > path.startIndex ? String(Substring(whole[..<start])) : whole.isEmpty ? path : "."
    }
}

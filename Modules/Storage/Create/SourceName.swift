// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// The name of the file or folder that a path leads to.
enum SourceName {
    /// Returns the last component of `path`. If that is `..`, or nothing but `.`, the file system has the name.
    static func name(of path: String) -> String {
        var end = components(of: path)[...]
        // "folder/." is "folder".
        while end.count > 1, end.last == "." { end.removeLast() }
        guard let last = end.last, last != ".", last != ".." else { return components(of: resolved(path)).last ?? path }
        return last
    }

    /// Split as bytes, because a combining mark after a slash makes it another `Character`.
    private static func components(of path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    }

    /// Returns `path` without links, `.` and `..`; empty if it leads nowhere.
    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return "" }
        defer { free(real) }
        return String(cString: real)
    }
}

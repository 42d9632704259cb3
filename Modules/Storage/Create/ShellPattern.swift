// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// The patterns that shells have for the names of files.
enum ShellPattern {
    /// Whether `pattern` stands for all of `text`; its wildcards never for a slash.
    static func matches(_ pattern: String, _ text: String) -> Bool { fnmatch(pattern, text, FNM_PATHNAME) == 0 }
}

extension Descriptor {
    /// Whether this process may read what `name` in this folder leads to.
    func canRead(_ name: String) -> Bool { faccessat(number, name, R_OK, AT_EACCESS) == 0 }
}

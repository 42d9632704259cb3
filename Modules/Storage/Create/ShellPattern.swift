// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// Matches file names with shell patterns.
enum ShellPattern {
    /// Whether `pattern` matches all of `text`. Wildcards never match a slash.
    static func matches(_ pattern: String, _ text: String) -> Bool { fnmatch(pattern, text, FNM_PATHNAME) == 0 }
}

extension Descriptor {
    /// Whether this process may read `name` in this folder; symbolic links are followed.
    func canRead(_ name: String) -> Bool { faccessat(number, name, R_OK, AT_EACCESS) == 0 }
}

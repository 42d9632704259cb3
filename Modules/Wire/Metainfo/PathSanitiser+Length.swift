// SPDX-License-Identifier: Apache-2.0

extension PathSanitiser {
    /// Bytes of an extension, dot included, that outlives the shortening of a name.
    static let maxExtensionByteCount = 15
    /// Bytes that `numbered` adds at most: a dot, and the number of a file.
    package static let numberByteCount = 8

    /// `name` cut to `byteCount` bytes before its extension, no character cut in two.
    package static func shortened(_ name: String, toByteCount byteCount: Int) -> String {
        guard name.utf8.count > byteCount else { return name }
        let (stem, ext) = split(name)
        guard ext.utf8.count < byteCount else { return prefix(of: name[...], byteCount: byteCount) }
        return prefix(of: stem, byteCount: byteCount - ext.utf8.count) + ext
    }

    /// `name` with `.number` before its extension. Names that differ never make the same name, whatever their numbers.
    package static func numbered(_ name: String, _ number: Int) -> String {
        let (stem, ext) = split(name)
        return "\(stem).\(number)\(ext)"
    }

    /// `name` before and from its last dot, unless that would make a strange extension.
    private static func split(_ name: String) -> (stem: Substring, ext: Substring) {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex,
            name.utf8.distance(from: dot, to: name.endIndex) <= maxExtensionByteCount
        else { return (name[...], "") }
        return (name[..<dot], name[dot...])
    }

    /// As many of `text`'s characters as fit.
    private static func prefix(of text: Substring, byteCount: Int) -> String {
        guard text.utf8.count > byteCount else { return String(text) }
        var kept = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            used += UTF8.width(scalar)
            guard used <= byteCount else { break }
            kept.append(scalar)
        }
        return String(kept)
    }
}

// SPDX-License-Identifier: Apache-2.0

extension PathSanitiser {
    /// Maximum bytes of an extension, including the dot, that is kept when a name is shortened.
    static let maxExtensionByteCount = 15
    /// Maximum bytes that `numbered` adds: a dot and a file's number.
    package static let numberByteCount = 8

    /// Returns `name` shortened to `byteCount` bytes before its extension, without splitting a character.
    package static func shortened(_ name: String, toByteCount byteCount: Int) -> String {
        guard name.utf8.count > byteCount else { return name }
        let (stem, ext) = split(name)
        guard ext.utf8.count < byteCount else { return prefix(of: name[...], byteCount: byteCount) }
        return prefix(of: stem, byteCount: byteCount - ext.utf8.count) + ext
    }

    /// Returns `name` with `.number` before its extension. Different names never produce the same name, whatever the
    /// numbers.
    package static func numbered(_ name: String, _ number: Int) -> String {
        let (stem, ext) = split(name)
        return "\(stem).\(number)\(ext)"
    }

    /// Splits `name` at its last dot, unless the extension would be unusual.
    private static func split(_ name: String) -> (stem: Substring, ext: Substring) {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex,
            name.utf8.distance(from: dot, to: name.endIndex) <= maxExtensionByteCount
        else { return (name[...], "") }
        return (name[..<dot], name[dot...])
    }

    /// Returns as many of `text`'s characters as fit.
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

// SPDX-License-Identifier: Apache-2.0

/// Makes one component of a path safe to create on any system, keeping as much of the name as can be.
///
/// What comes out is never empty, `.` or `..`, holds no separator and no control character, is valid UTF-8 of at most 255
/// bytes, and is no device's name on Windows. Separators vanish, other unfit characters become `_`.
package enum PathSanitiser {
    /// Bytes of a component before its extension; with the longest one kept it makes 255, what most file systems take.
    static let maxStemByteCount = 240
    /// Bytes of an extension, dot included, that outlives the shortening of a name.
    static let maxExtensionByteCount = 15
    /// Bytes of a component.
    static let maxByteCount = maxStemByteCount + maxExtensionByteCount

    /// `bytes` as a safe component.
    package static func component(_ bytes: ArraySlice<UInt8>) -> String {
        nonEmptyComponent(bytes) ?? "_"
    }

    /// `bytes` as a safe component; nil where nothing usable is left, so that the caller may have a better name.
    static func nonEmptyComponent(_ bytes: ArraySlice<UInt8>) -> String? {
        let name = isPlain(bytes) ? String(decoding: bytes, as: UTF8.self) : cleaned(bytes)
        guard !name.isEmpty, name != ".", name != ".." else { return nil }
        return shortened(isReserved(name) ? "_" + name : name)
    }

    /// `name` with `.number` before its extension, shortened again where that makes it too long.
    package static func numbered(_ name: String, _ number: Int) -> String {
        let (stem, ext) = split(name)
        let suffix = ".\(number)\(ext)"
        return prefix(of: stem, byteCount: maxByteCount - suffix.utf8.count) + suffix
    }

    /// Whether all bytes are printable ASCII other than separators: nearly every name there is.
    private static func isPlain(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            bytes.allSatisfy { (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") }
        }
    }

    private static func cleaned(_ bytes: ArraySlice<UInt8>) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x2f, 0x5c: continue
            // Marks that turn the writing direction make "gpj.exe" read "exe.jpg"; with them goes the byte order mark.
            case 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069, 0xfeff: continue
            // Controls, line separators, and what invalid UTF-8 was decoded to.
            case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029, 0xfffd: scalars.append("_")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    private static func isReserved(_ name: String) -> Bool {
        // Setting one bit makes ASCII letters lower case, and turns nothing else into one of these.
        guard let first = name.utf8.first, initials.contains(first | 0x20) else { return false }
        let stem = name.utf8.prefix(5).prefix { $0 != UInt8(ascii: ".") }
        guard (3...4).contains(stem.count) else { return false }
        let lower = stem.map { $0 | 0x20 }
        if stem.count == 3 { return deviceNames.contains(lower) }
        let isNumbered = (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(lower[3])
        return isNumbered && numberedDeviceNames.contains(Array(lower[..<3]))
    }

    private static let initials = Array("cpanl".utf8)
    private static let deviceNames = ["con", "prn", "aux", "nul"].map { Array($0.utf8) }
    private static let numberedDeviceNames = ["com", "lpt"].map { Array($0.utf8) }

    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > maxStemByteCount else { return name }
        let (stem, ext) = split(name)
        return prefix(of: stem, byteCount: maxStemByteCount) + ext
    }

    /// `name` before and from its last dot, unless that would make a strange extension.
    private static func split(_ name: String) -> (stem: Substring, ext: Substring) {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex,
            name.utf8.distance(from: dot, to: name.endIndex) <= maxExtensionByteCount
        else { return (name[...], "") }
        return (name[..<dot], name[dot...])
    }

    /// As many of `text`'s characters as fit, none cut in two.
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

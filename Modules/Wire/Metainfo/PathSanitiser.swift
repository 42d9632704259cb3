// SPDX-License-Identifier: Apache-2.0

/// Decides the name on disk of one path component.
///
/// A name is *safe* if it stays in its folder: it is never empty, `.` or `..`, and contains no separator and no NUL.
/// Names of existing data are only made safe. A download also removes deceptive characters. Names that only Windows
/// rejects are changed on Windows alone, and a file system's other limits are left to the store.
package enum PathSanitiser {
    /// Maximum bytes in a component. No current file system supports longer names, so shortening loses nothing.
    static let maxByteCount = 1_024

    /// The naming rules of a system.
    package enum System: Sendable {
        /// The separator is `/`, and a name may contain everything else except NUL.
        case posix
        /// Also disallows `\`, `:` and other characters, and reserves device names.
        case windows

        /// The system that this is built for.
        package static var current: System {
            #if os(Windows)
            .windows
            #else
            .posix
            #endif
        }
    }

    /// Returns the name under which a download stores `bytes`: safe, and without control characters and bidirectional
    /// marks.
    package static func component(_ bytes: ArraySlice<UInt8>, for system: System = .current) -> String {
        nonEmptyComponent(bytes, for: system) ?? "_"
    }

    /// Like `component`, but nil if nothing usable is left, so the caller can choose a better name.
    static func nonEmptyComponent(_ bytes: ArraySlice<UInt8>, for system: System = .current) -> String? {
        let bytes = bounded(bytes)
        if isPlain(bytes) { return usable(String(decoding: bytes, as: UTF8.self), for: system) }
        return usable(filtered(safe(bytes)), for: system)
    }

    /// Returns the name of existing data: `bytes` made safe and otherwise unchanged. Nil if nothing is left.
    package static func existingComponent(_ bytes: ArraySlice<UInt8>, for system: System = .current) -> String? {
        usable(safe(bounded(bytes)), for: system)
    }

    /// Shortens `bytes` to the maximum length, keeping the extension and whole characters.
    private static func bounded(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard bytes.count > maxByteCount else { return bytes }
        let ext = bytes.suffix(maxExtensionByteCount).lastIndex(of: UInt8(ascii: ".")).map { bytes[$0...] } ?? []
        var end = bytes.startIndex + maxByteCount - ext.count
        while end > bytes.startIndex, bytes[end] & 0xc0 == 0x80 { end -= 1 }
        return ArraySlice(Array(bytes[..<end]) + ext)
    }

    private static func usable(_ name: String, for system: System) -> String? {
        guard !name.isEmpty, name != ".", name != ".." else { return nil }
        return system == .windows ? fitForWindows(name) : name
    }

    /// Whether all bytes are printable ASCII other than separators, as in nearly every name.
    private static func isPlain(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            bytes.allSatisfy { (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "/") }
        }
    }

    /// Returns `bytes` without separators; NUL and invalid UTF-8 become `_`.
    private static func safe(_ bytes: ArraySlice<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0), !bytes.contains(slash) {
            return text
        }
        let isValid = String(validating: bytes, as: UTF8.self) != nil
        var scalars = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x2f: continue
            case 0: scalars.append("_")
            // The replacement for invalid UTF-8.
            case 0xfffd where !isValid: scalars.append("_")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    private static var slash: UInt8 { UInt8(ascii: "/") }

    /// Returns `name` without deceptive characters.
    private static func filtered(_ name: String) -> String {
        guard name.unicodeScalars.contains(where: { isDeceptive($0) }) else { return name }
        var scalars = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            if isInvisible(scalar) { continue }
            scalars.append(isControl(scalar) ? "_" : scalar)
        }
        return String(scalars)
    }

    /// Whether a download removes `scalar` from names.
    package static func isDeceptive(_ scalar: Unicode.Scalar) -> Bool { isInvisible(scalar) || isControl(scalar) }

    /// Marks that change the writing direction, which make "gpj.exe" read as "exe.jpg", and the byte order mark.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069, 0xfeff: true
        default: false
        }
    }

    /// Control characters, and those that start a new line or paragraph.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029: true
        default: false
        }
    }
}

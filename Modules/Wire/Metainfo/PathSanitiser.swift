// SPDX-License-Identifier: Apache-2.0

/// Decides what one component of a path may be called on a disk.
///
/// A name is *safe* when it stays in its folder: it is never empty, `.` or `..`, and holds no separator and no NUL. Names
/// of data that exists are only made safe. A download also drops what deceives the eye. What is merely unfit for Windows
/// is changed on Windows alone, and what a file system cannot hold is the store's business.
package enum PathSanitiser {
    /// Bytes of a component. No file system of today holds names this long, so shortening them loses nothing.
    static let maxByteCount = 1_024

    /// The rules of a system.
    package enum System: Sendable {
        /// The separator is `/`, and everything else but NUL may stand in a name.
        case posix
        /// Adds `\`, `:` and others to what may not stand in a name, and reserves the names of devices.
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

    /// The name under which a download keeps `bytes`: safe, and without control characters and bidirectional marks.
    package static func component(_ bytes: ArraySlice<UInt8>, for system: System = .current) -> String {
        nonEmptyComponent(bytes, for: system) ?? "_"
    }

    /// `component`; nil where nothing usable is left, so that the caller may have a better name.
    static func nonEmptyComponent(_ bytes: ArraySlice<UInt8>, for system: System = .current) -> String? {
        let bytes = bounded(bytes)
        if isPlain(bytes) { return usable(String(decoding: bytes, as: UTF8.self), for: system) }
        return usable(filtered(safe(bytes)), for: system)
    }

    /// The name under which data that exists lies: `bytes` as they stand, made safe only. Nil where nothing is left.
    package static func existingComponent(_ bytes: ArraySlice<UInt8>, for system: System = .current) -> String? {
        usable(safe(bounded(bytes)), for: system)
    }

    /// As much of `bytes` as a name may have, its extension kept and no character cut in two.
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

    /// Whether all bytes are printable ASCII other than separators: nearly every name there is.
    private static func isPlain(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            bytes.allSatisfy { (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "/") }
        }
    }

    /// `bytes` without separators; NUL and invalid UTF-8 become `_`.
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
            // What invalid UTF-8 was decoded to.
            case 0xfffd where !isValid: scalars.append("_")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    private static var slash: UInt8 { UInt8(ascii: "/") }

    /// `name` without what deceives the eye.
    private static func filtered(_ name: String) -> String {
        guard name.unicodeScalars.contains(where: { isDeceptive($0) }) else { return name }
        var scalars = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            if isInvisible(scalar) { continue }
            scalars.append(isControl(scalar) ? "_" : scalar)
        }
        return String(scalars)
    }

    /// Whether a download leaves `scalar` out of names.
    package static func isDeceptive(_ scalar: Unicode.Scalar) -> Bool { isInvisible(scalar) || isControl(scalar) }

    /// Marks that turn the writing direction, which make "gpj.exe" read "exe.jpg", and the byte order mark.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069, 0xfeff: true
        default: false
        }
    }

    /// Control characters, and what begins a new line or paragraph.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029: true
        default: false
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

extension PathSanitiser {
    /// Maximum UTF-16 units in a name on Windows.
    private static let windowsUnitCount = 255

    /// Returns a name that Windows accepts and that keeps as much of `name` as possible.
    package static func fitForWindows(_ name: String) -> String {
        var fit = name
        if name.unicodeScalars.contains(where: isUnfitForWindows) {
            fit.unicodeScalars = .init()
            for scalar in name.unicodeScalars { fit.unicodeScalars.append(isUnfitForWindows(scalar) ? "_" : scalar) }
        }
        // Windows removes these from the end of a name.
        let kept = fit.utf8.reversed().drop { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: " ") }.count
        let dropped = fit.utf8.count - kept
        if dropped > 0 {
            fit = String(decoding: fit.utf8.prefix(kept), as: UTF8.self) + String(repeating: "_", count: dropped)
        }
        if isDevice(fit) { fit = "_" + fit }
        // A UTF-16 unit takes at least one byte in UTF-8.
        return fit.utf16.count > windowsUnitCount ? shortened(fit, toByteCount: windowsUnitCount) : fit
    }

    private static func isUnfitForWindows(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "<", ">", ":", "\"", "/", "\\", "|", "?", "*": true
        default: scalar.value < 0x20
        }
    }

    /// Whether `name` opens a device instead of a file, whatever its extension.
    private static func isDevice(_ name: String) -> Bool {
        // Setting one bit makes ASCII letters lower case, and maps no other byte to one of these.
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
}

extension TorrentInfo {
    /// The indices of files that Windows cannot store under their own path: a name is reserved or too long, contains a
    /// character that is not allowed there, or differs from another only in case.
    public var filesUnfitForWindows: [Int] {
        var table = PathTable(.folding, fileCount: files.count)
        return files.indices.filter { index in
            let file = files[index]
            guard !file.isPadding else { return false }
            let folder = table.enter(file.folder)
            let name = table.claim(file.name, in: folder)
            guard name.hasSameBytes(as: file.name), table.path(of: folder).hasSameBytes(as: file.folder) else {
                return true
            }
            return metainfoPath(of: index).contains { name in
                let text = String(decoding: name, as: UTF8.self)
                return !PathSanitiser.fitForWindows(text).hasSameBytes(as: text)
            }
        }
    }
}

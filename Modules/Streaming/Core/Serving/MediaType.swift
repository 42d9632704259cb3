// SPDX-License-Identifier: Apache-2.0

/// The media type of a file by the ending of its name.
///
/// Only sound, pictures, subtitles and the like have one. A page, a script or an SVG picture would run with the right to
/// read everything that is served beside it, so browsers are told to save such files.
package enum MediaType {
    /// The type of bytes that a browser only saves.
    package static let unknown = "application/octet-stream"

    /// Returns the type for `path`; `unknown` if its ending is not in the list.
    package static func of(_ path: String) -> String { types[ending(of: path)] ?? unknown }

    /// Whether a player plays it.
    package static func isPlayable(_ path: String) -> Bool {
        let type = of(path)
        return type.hasPrefix("video/") || type.hasPrefix("audio/")
    }

    private static func ending(of path: String) -> String {
        let name = path.utf8.suffix(while: { $0 != UInt8(ascii: "/") })
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return "" }
        return String(decoding: name[name.index(after: dot)...], as: UTF8.self).lowercased()
    }

    private static let types = [
        "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime", "mkv": "video/x-matroska",
        "webm": "video/webm", "avi": "video/x-msvideo", "ogv": "video/ogg", "mpg": "video/mpeg", "mpeg": "video/mpeg",
        "ts": "video/mp2t", "m2ts": "video/mp2t", "wmv": "video/x-ms-wmv", "flv": "video/x-flv", "3gp": "video/3gpp",
        "mp3": "audio/mpeg", "m4a": "audio/mp4", "m4b": "audio/mp4", "aac": "audio/aac", "flac": "audio/flac",
        "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg", "wav": "audio/wav", "weba": "audio/webm",
        "mka": "audio/x-matroska", "wma": "audio/x-ms-wma",
        "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp",
        "avif": "image/avif",
        "srt": "application/x-subrip", "vtt": "text/vtt", "txt": "text/plain; charset=utf-8",
    ]
}

extension BidirectionalCollection {
    /// Returns the elements after the last one that does not satisfy `isWanted`.
    fileprivate func suffix(while isWanted: (Element) -> Bool) -> SubSequence {
        guard let last = lastIndex(where: { !isWanted($0) }) else { return self[...] }
        return self[index(after: last)...]
    }
}

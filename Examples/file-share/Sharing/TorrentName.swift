// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire

/// How a user may name a torrent.
enum TorrentName {
    /// The path of a .torrent file.
    case file(String)
    /// A magnet link, or a bare info-hash.
    case magnet(String)

    /// Throws, with advice, for anything else. An info-hash that is also a file's name means the file.
    init(_ text: String) throws {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty else {
            throw CommandFailure("no torrent is named: give a .torrent file or a magnet link")
        }
        if trimmed.lowercased().hasPrefix("magnet:") {
            self = .magnet(trimmed)
        } else if FileManager.default.fileExists(atPath: text) {
            self = .file(text)
        } else if let link = Self.link(toHash: trimmed) {
            self = .magnet(link)
        } else if trimmed.contains("://") {
            throw CommandFailure(
                "\(trimmed) is a web address: fetch the .torrent file first, with curl -LO for example, and name it"
            )
        } else {
            self = .file(text)
        }
    }

    /// Returns the path of a .torrent file; throws for a magnet link, which `command` cannot use.
    static func path(_ text: String, for command: String) throws -> String {
        guard case .file(let path) = try TorrentName(text) else {
            throw CommandFailure(
                "\(command) needs the .torrent file: a magnet link does not contain the piece hashes;"
                    + " file-share get downloads from a link, and with --seed keeps sharing"
            )
        }
        return path
    }

    /// Converts a bare info-hash, 40 or 64 hexadecimal or 32 base32 digits, to a link.
    private static func link(toHash text: String) -> String? {
        let isHex = text.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        switch text.utf8.count {
        case 40 where isHex: return "magnet:?xt=urn:btih:\(text)"
        case 64 where isHex: return "magnet:?xt=urn:btmh:1220\(text)"
        case 32 where text.utf8.allSatisfy(isBase32): return "magnet:?xt=urn:btih:\(text)"
        default: return nil
        }
    }

    /// Whether a byte is in the alphabet of RFC 4648, in either case.
    private static func isBase32(_ byte: UInt8) -> Bool {
        switch byte | 0x20 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: (UInt8(ascii: "2")...UInt8(ascii: "7")).contains(byte)
        }
    }
}

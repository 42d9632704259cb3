// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Steps of parsing a URL.
enum URLText {
    /// Returns `text` with each backslash before the query replaced by a slash, as browsers do.
    static func withSlashes(_ text: Substring) -> Substring {
        guard text.contains("\\") else { return text }
        let path = text.prefix { $0 != "?" }
        return Substring(String(path.map { $0 == "\\" ? "/" : $0 }) + text[path.endIndex...])
    }

    /// Returns path and query with the bytes that a request line cannot hold encoded (RFC 3986, section 2.1).
    static func encoded(_ text: Substring) -> String {
        guard text.utf8.contains(where: mustBeEncoded) else { return String(text) }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            guard mustBeEncoded(byte) else {
                bytes.append(byte)
                continue
            }
            let digits = Array("0123456789ABCDEF".utf8)
            bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Splits host and port; the host loses its brackets and becomes lower case. Returns nil if either is invalid.
    static func splitAuthority(_ text: Substring, defaultPort: UInt16?) -> (host: String, port: UInt16)? {
        var whole = Array(text.utf8)
        // A colon without a port means the scheme's default port (RFC 3986, section 3.2.3).
        if whole.last == UInt8(ascii: ":") { whole.removeLast() }
        let hasPort = whole.last != UInt8(ascii: "]") && whole.contains(UInt8(ascii: ":"))
        if !hasPort {
            guard let defaultPort else { return nil }
            whole += Array(":\(defaultPort)".utf8)
        }
        guard let (host, port) = HostAndPort.split(whole[...]) else { return nil }
        let name = String(decoding: host.name, as: UTF8.self).lowercased()
        // IPv6 addresses require brackets, and nothing else may have them.
        let isFit = host.isBracketed ? name.contains(":") && IPAddress(name) != nil : name.utf8.allSatisfy(isNameByte)
        return isFit ? (name, port) : nil
    }

    /// Returns `path` with its `.` and `..` segments resolved (RFC 3986, section 5.2.4).
    static func withoutDots(_ path: Substring) -> String {
        var kept: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                _ = kept.popLast()
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/")
    }

    private static func mustBeEncoded(_ byte: UInt8) -> Bool { !(0x21...0x7e).contains(byte) }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// A response's status and header fields.
package struct ResponseHead: Hashable, Sendable {
    /// The status code; 200...599 in a final response.
    package let status: Int
    /// The `x` of HTTP/1.x.
    let minorVersion: Int
    /// The fields in the order received: names in lower case, values without surrounding whitespace.
    package let fields: [Field]

    /// One line of a response's head.
    package struct Field: Hashable, Sendable {
        /// The name in lower case.
        package let name: String
        /// The value without surrounding whitespace.
        package let value: String
    }

    /// Returns the first value of the field `name`, which must be in lower case.
    package func first(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// Returns the members of a list field, in lower case (RFC 9110, section 5.6.1).
    func members(of name: String) -> [String] {
        fields.lazy.filter { $0.name == name }.flatMap { $0.value.split(separator: ",") }
            .map { Self.trimmed($0).lowercased() }
            .filter { !$0.isEmpty }
    }

    /// The URL to which the response redirects, if it does (RFC 9110, section 15.4).
    var redirection: String? { [300, 301, 302, 303, 307, 308].contains(status) ? first("location") : nil }

    static func trimmed(_ text: some StringProtocol) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let bytes = Array(text.utf8.drop(while: isSpace))
        let end = bytes.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? 0
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}

/// How the body ends (RFC 9112, section 6).
enum BodyFraming: Hashable {
    case none
    case length(Int)
    case chunked
    case untilClose
}

extension ResponseHead {
    /// Returns the body's framing. Chunked coding overrides a length (RFC 9112, section 6.3).
    func framing() throws(HTTPError) -> BodyFraming {
        if status == 204 || status == 304 { return .none }
        let codings = members(of: "transfer-encoding").filter { $0 != "identity" }
        guard codings.isEmpty else {
            guard codings == ["chunked"] else {
                throw HTTPError(.malformed, "transfer coding \(codings.joined(separator: ", ").debugDescription)")
            }
            return .chunked
        }
        let lengths = Set(members(of: "content-length"))
        guard let text = lengths.first else { return .untilClose }
        guard lengths.count == 1, let length = Self.number(text) else {
            throw HTTPError(.malformed, "content length \(lengths.sorted().joined(separator: ", ").debugDescription)")
        }
        return .length(length)
    }

    /// Whether the connection can carry another request, according to the head.
    var keepsConnection: Bool {
        let options = members(of: "connection")
        if options.contains("close") { return false }
        // The body ends when the connection closes.
        if case .untilClose = try? framing() { return false }
        // An intermediary may interpret a length beside chunks, or chunks in HTTP/1.0, differently.
        if first("transfer-encoding") != nil, first("content-length") != nil || minorVersion == 0 { return false }
        return minorVersion > 0 || options.contains("keep-alive")
    }

    /// Parses decimal digits; nil if the number does not fit.
    static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}

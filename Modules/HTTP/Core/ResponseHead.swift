// SPDX-License-Identifier: Apache-2.0

/// An answer's status and fields.
public struct ResponseHead: Hashable, Sendable {
    /// The status code, 200...599 for a whole answer.
    public let status: Int
    /// The `x` of HTTP/1.x.
    let minorVersion: Int
    /// Names in lower case, values without the space around them, in the order in which they came.
    public let fields: [Field]

    /// One line of an answer's head.
    public struct Field: Hashable, Sendable {
        /// In lower case.
        public let name: String
        /// Without the space around it.
        public let value: String
    }

    /// The first value of a field; `name` in lower case.
    public func first(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The members of a field that is a list, in lower case (RFC 9110, section 5.6.1).
    func members(of name: String) -> [String] {
        fields.lazy.filter { $0.name == name }.flatMap { $0.value.split(separator: ",") }
            .map { Self.trimmed($0).lowercased() }
            .filter { !$0.isEmpty }
    }

    /// Where the answer redirects to, if it does (RFC 9110, section 15.4).
    var redirection: String? { [300, 301, 302, 303, 307, 308].contains(status) ? first("location") : nil }

    static func trimmed(_ text: some StringProtocol) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let bytes = Array(text.utf8.drop(while: isSpace))
        let end = bytes.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? 0
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}

/// How a body's end is found (RFC 9112, section 6).
enum BodyFraming: Hashable {
    case none
    case length(Int)
    case chunked
    case untilClose
}

extension ResponseHead {
    /// Chunks win over a length, where a server sends both (RFC 9112, section 6.3).
    func framing() throws(HTTPFailure) -> BodyFraming {
        if status == 204 || status == 304 { return .none }
        let codings = members(of: "transfer-encoding").filter { $0 != "identity" }
        guard codings.isEmpty else {
            guard codings == ["chunked"] else {
                throw HTTPFailure(.malformed, "transfer coding \(codings.joined(separator: ", ").debugDescription)")
            }
            return .chunked
        }
        let lengths = Set(members(of: "content-length"))
        guard let text = lengths.first else { return .untilClose }
        guard lengths.count == 1, let length = Self.number(text) else {
            throw HTTPFailure(.malformed, "content length \(lengths.sorted().joined(separator: ", ").debugDescription)")
        }
        return .length(length)
    }

    /// The connection may carry another request, as far as the head says.
    var keepsConnection: Bool {
        let options = members(of: "connection")
        if options.contains("close") { return false }
        // Its body ends with the connection.
        if case .untilClose = try? framing() { return false }
        // A length beside chunks, or chunks in HTTP/1.0, may be read otherwise by something in between.
        if first("transfer-encoding") != nil, first("content-length") != nil || minorVersion == 0 { return false }
        return minorVersion > 0 || options.contains("keep-alive")
    }

    /// Plain digits, of any length that fits.
    static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}

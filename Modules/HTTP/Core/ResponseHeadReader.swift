// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Reads the status line and fields, up to the empty line after them (RFC 9112, sections 4 and 5).
struct ResponseHeadReader {
    private let limits: HTTPLimits
    private var lines: LineReader
    private var status: (code: Int, minorVersion: Int)?
    private var fields: [ResponseHead.Field] = []
    private var lineCount = 0

    init(limits: HTTPLimits) {
        self.limits = limits
        lines = LineReader(byteLimit: limits.headByteCount)
    }

    /// Returns the head once it is complete, otherwise nil.
    mutating func nextHead(from input: inout ByteBuffer) throws(HTTPError) -> ResponseHead? {
        while let line = try lines.nextLine(from: &input) {
            guard let status else {
                // Some servers send an empty line after the previous body.
                if !line.isEmpty { self.status = try Self.parseStatus(line) }
                continue
            }
            guard !line.isEmpty else {
                return ResponseHead(status: status.code, minorVersion: status.minorVersion, fields: fields)
            }
            try addField(line)
        }
        // The first bytes suffice to reject what is not HTTP, before any line ends.
        if status == nil, let start = input.getBytes(at: input.readerIndex, length: min(5, input.readableBytes)) {
            let isPossible = start.first.map { $0 == 0x0d || $0 == 0x0a } ?? true || "HTTP/".utf8.starts(with: start)
            guard isPossible else { throw Self.noStatus(String(decoding: start, as: UTF8.self)) }
        }
        return nil
    }

    private mutating func addField(_ line: String) throws(HTTPError) {
        lineCount += 1
        guard lineCount <= limits.fieldCount else {
            throw HTTPError(.limit, "more than \(limits.fieldCount) fields")
        }
        if line.hasPrefix(" ") || line.hasPrefix("\t") {
            // Continues a folded value (RFC 9112, section 5.2).
            guard let last = fields.popLast() else { return }
            fields.append(.init(name: last.name, value: "\(last.value) \(ResponseHead.trimmed(line))"))
            return
        }
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = ResponseHead.trimmed(line[..<colon]).lowercased()
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else { return }
        fields.append(.init(name: name, value: ResponseHead.trimmed(line[line.utf8.index(after: colon)...])))
    }

    /// Parses `HTTP/1.1 200 OK`; the reason phrase is ignored.
    private static func parseStatus(_ line: String) throws(HTTPError) -> (code: Int, minorVersion: Int) {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard line.hasPrefix("HTTP/1."), parts.count >= 2, parts[0].utf8.count == 8,
            let minor = parts[0].last?.wholeNumberValue, parts[1].utf8.count == 3,
            let code = ResponseHead.number(parts[1]), (100..<600).contains(code)
        else { throw noStatus(line) }
        return (code, minor)
    }

    private static func noStatus(_ found: String) -> HTTPError {
        HTTPError(.malformed, "expected HTTP/1.x and a status, found \(String(found.prefix(80)).debugDescription)")
    }

    /// Whether a byte may occur in a token (RFC 9110, section 5.6.2).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        (0x21...0x7e).contains(byte) && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
    }
}

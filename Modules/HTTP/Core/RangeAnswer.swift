// SPDX-License-Identifier: Apache-2.0

/// What the response to a range request carries (RFC 9110, sections 14 and 15).
package enum RangeAnswer: Hashable, Sendable {
    /// The body holds these bytes of the file, which include the first byte requested.
    case body(Range<Int>)
    /// The file is missing, or is a different one: asking again is pointless.
    case unfitFile(String)
    /// The server cannot serve the file now.
    case unavailable(String)

    /// Interprets the response to a request for `range` of a file of `size` bytes.
    package init(_ head: ResponseHead, range: Range<Int>, ofFileOf size: Int) {
        guard (200..<300).contains(head.status) else {
            self = Self.refusal(head.status)
            return
        }
        // A range of a compressed body counts compressed bytes (RFC 9110, section 8.4).
        if case .identity = head.contentCoding {
        } else {
            self = .unfitFile("a range of a compressed body")
            return
        }
        switch head.status {
        case 206: self = Self.partial(head, range, size)
        case 200: self = Self.whole(head, size)
        default: self = .unfitFile("HTTP status \(head.status)")
        }
    }

    private static func partial(_ head: ResponseHead, _ range: Range<Int>, _ size: Int) -> RangeAnswer {
        guard let said = head.first("content-range").flatMap(ContentRange.init) else {
            return .unfitFile("a partial response without a content range")
        }
        guard said.total == nil || said.total == size else { return .unfitFile("the file has another size") }
        guard said.bytes.contains(range.lowerBound), said.bytes.upperBound < size else {
            return .unfitFile("bytes other than those requested")
        }
        let bytes = said.bytes.lowerBound..<said.bytes.upperBound + 1
        if case .length(let length) = try? head.framing(), length != bytes.count {
            return .unfitFile("a content length that differs from the content range")
        }
        return .body(bytes)
    }

    /// The server ignores ranges and sends the whole file, or a different one.
    private static func whole(_ head: ResponseHead, _ size: Int) -> RangeAnswer {
        if case .length(let length) = try? head.framing(), length != size {
            return .unfitFile("the file has another size")
        }
        return .body(0..<size)
    }

    /// Client errors concern the file, except the temporary ones, which concern the server.
    private static func refusal(_ status: Int) -> RangeAnswer {
        let passes = status >= 500 || [408, 421, 425, 429].contains(status)
        return passes ? .unavailable("HTTP status \(status)") : .unfitFile("HTTP status \(status)")
    }
}

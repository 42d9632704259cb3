// SPDX-License-Identifier: Apache-2.0

/// What the answer to a request for a stretch of a file carries (RFC 9110, sections 14 and 15).
package enum RangeAnswer: Hashable, Sendable {
    /// The body is these bytes of the file, of which the first ones asked for are some.
    case body(Range<Int>)
    /// This file is not there, or is another one: asking for it again makes no sense.
    case unfitFile(String)
    /// The server can't serve now.
    case unavailable(String)

    /// Reads the answer to a request for `range` of a file of `size` bytes.
    package init(_ head: ResponseHead, range: Range<Int>, ofFileOf size: Int) {
        guard (200..<300).contains(head.status) else {
            self = Self.refusal(head.status)
            return
        }
        // What is compressed has other bytes at these places: RFC 9110, section 8.4, has ranges count in it.
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
            return .unfitFile("a part of it without a place")
        }
        guard said.total == nil || said.total == size else { return .unfitFile("the file has another size") }
        guard said.bytes.contains(range.lowerBound), said.bytes.upperBound < size else {
            return .unfitFile("other bytes than asked for")
        }
        let bytes = said.bytes.lowerBound..<said.bytes.upperBound + 1
        if case .length(let length) = try? head.framing(), length != bytes.count {
            return .unfitFile("a part whose length is not that of its place")
        }
        return .body(bytes)
    }

    /// The server knows no ranges, or has none of this file.
    private static func whole(_ head: ResponseHead, _ size: Int) -> RangeAnswer {
        if case .length(let length) = try? head.framing(), length != size {
            return .unfitFile("the file has another size")
        }
        return .body(0..<size)
    }

    /// Of the client's errors, only those that pass are the server's business and not the file's.
    private static func refusal(_ status: Int) -> RangeAnswer {
        let passes = status >= 500 || [408, 421, 425, 429].contains(status)
        return passes ? .unavailable("HTTP status \(status)") : .unfitFile("HTTP status \(status)")
    }
}

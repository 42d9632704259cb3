// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Parses the response to one GET incrementally (RFC 9112).
///
/// It accepts what servers send, not only what they should send: a bare LF ends a line, whitespace before a colon is
/// removed, lines without a colon are skipped, and chunked coding overrides a length. The body's bytes are slices of
/// the input.
///
///     head ──▶ body (by length, in chunks, until the end of the connection, or none) ──▶ done
///       ▲└─ interim answers
///
/// Owner: `HTTPConnection`, one parser per request. An error is final.
package struct ResponseParser {
    /// What the parser has read.
    package enum Event: Equatable {
        case head(ResponseHead)
        case body(ByteBuffer)
        case end
    }

    private enum State {
        case head(ResponseHeadReader)
        case length(left: Int)
        case chunks(ChunkReader)
        case untilClose
        case ending
        case done
    }

    private let limits: HTTPLimits
    private var state: State
    private var input = ByteBuffer()
    private var interimCount = 0
    private var isClosed = false

    /// Whether a byte of the response has arrived.
    package private(set) var hasBegun = false

    package init(limits: HTTPLimits = .init()) {
        self.limits = limits
        state = .head(ResponseHeadReader(limits: limits))
    }

    /// Whether the response is complete and no bytes follow it.
    package var isCleanlyDone: Bool {
        if case .done = state { return input.readableBytes == 0 }
        return false
    }

    /// Takes bytes that were received.
    package mutating func handleBytes(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        hasBegun = true
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeImmutableBuffer(bytes)
        }
    }

    /// Records that the other side has closed its half of the connection.
    package mutating func handleClosed() { isClosed = true }

    /// Returns the next event; nil if more bytes are needed or the response is complete.
    ///
    /// - Throws: `.malformed`, `.limit`, `.unanswered`, or `.connection` if the connection closed too early.
    package mutating func nextEvent() throws(HTTPError) -> Event? {
        switch state {
        case .head(var reader):
            let head = try reader.nextHead(from: &input)
            state = .head(reader)
            guard let head else {
                guard !isClosed else { throw closedEarly }
                return nil
            }
            return try handleHead(head)
        case .length(let left): return try nextBody(left)
        case .chunks(var reader):
            let step = try reader.nextStep(from: &input)
            state = .chunks(reader)
            switch step {
            case .bytes(let bytes): return .body(bytes)
            case .end:
                state = .done
                return .end
            case .needsMore:
                guard !isClosed else { throw closedEarly }
                return nil
            }
        case .untilClose:
            if let bytes = takeAll() { return .body(bytes) }
            guard isClosed else { return nil }
            state = .done
            return .end
        case .ending:
            state = .done
            return .end
        case .done: return nil
        }
    }

    private mutating func handleHead(_ head: ResponseHead) throws(HTTPError) -> Event? {
        if (100..<200).contains(head.status) {
            interimCount += 1
            guard head.status != 101, interimCount <= limits.interimAnswers else {
                throw HTTPError(.malformed, "status \(head.status) without a final response")
            }
            state = .head(ResponseHeadReader(limits: limits))
            return try nextEvent()
        }
        state =
            switch try head.framing() {
            case .none, .length(0): .ending
            case .length(let count): .length(left: count)
            case .chunked: .chunks(ChunkReader(limits: limits))
            case .untilClose: .untilClose
            }
        return .head(head)
    }

    private mutating func nextBody(_ left: Int) throws(HTTPError) -> Event? {
        guard let bytes = input.readSlice(length: min(left, input.readableBytes)), bytes.readableBytes > 0 else {
            guard !isClosed else { throw closedEarly }
            return nil
        }
        let rest = left - bytes.readableBytes
        state = rest == 0 ? .ending : .length(left: rest)
        return .body(bytes)
    }

    private mutating func takeAll() -> ByteBuffer? {
        guard input.readableBytes > 0 else { return nil }
        defer { input = ByteBuffer() }
        return input
    }

    private var closedEarly: HTTPError {
        hasBegun
            ? HTTPError(.connection, "the connection closed in the middle of the answer")
            : HTTPError(.unanswered, "the connection closed before the answer")
    }
}

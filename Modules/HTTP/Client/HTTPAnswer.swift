// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheWire

/// A server's answer, whose body comes as it is taken.
public struct HTTPAnswer: Sendable {
    /// Where it was found, after redirects.
    public let url: ServiceURL
    /// Status and fields.
    public let head: ResponseHead
    /// The server's address.
    public var remote: PeerEndpoint { connection.remote }

    let connection: HTTPConnection

    /// The next bytes of the body as they were sent, compressed or not; nil once it is over. One call at a time.
    ///
    /// - Throws: `HTTPFailure` where the body breaks off.
    public func nextBytes() async throws(HTTPFailure) -> ByteBuffer? {
        try await connection.perform { $0.nextBytes() }
    }

    /// The whole body, unpacked (`gzip`, `x-gzip`, `deflate`).
    ///
    /// - Throws: `.limit` for more than `byteCount` bytes, packed or unpacked, `.malformed` for an encoding that nobody
    ///   asked for, or what `nextBytes` throws.
    public func collect(upTo byteCount: Int) async throws(HTTPFailure) -> ByteBuffer {
        let coding = head.contentCoding
        if case .unknown(let name) = coding {
            throw HTTPFailure(.malformed, "content encoding \(name.debugDescription)")
        }
        let inflater = coding == .identity ? nil : Inflater(coding, byteLimit: byteCount)
        var body = ByteBuffer()
        var receivedByteCount = 0
        while let bytes = try await nextBytes() {
            receivedByteCount += bytes.readableBytes
            guard receivedByteCount <= byteCount else {
                throw HTTPFailure(.limit, "a body of more than \(byteCount) bytes")
            }
            if let inflater {
                try inflater.handleBytes(bytes)
            } else {
                body.writeImmutableBuffer(bytes)
            }
        }
        try inflater?.handleEnd()
        return inflater?.output ?? body
    }

    /// Seconds that the server wants to be left alone, if it says so; `now` counts from 1970.
    package func retryAfterSeconds(now: Int) -> Int? {
        head.first("retry-after").flatMap { RetryAfter.seconds($0, date: head.first("date"), now: now) }
    }
}

extension HTTPConnection {
    /// Waits for what `ask` promises; a cancelled task ends the connection.
    func perform<Output: Sendable>(
        _ ask: @escaping @Sendable (HTTPConnection) -> EventLoopFuture<Output>
    ) async throws(HTTPFailure) -> Output {
        do {
            return try await withTaskCancellationHandler {
                try await loop.flatSubmit { ask(self) }.get()
            } onCancel: {
                loop.execute { self.fail(HTTPFailure(.stopped, "cancelled")) }
            }
        } catch {
            throw HTTPFailure(channel: error)
        }
    }
}

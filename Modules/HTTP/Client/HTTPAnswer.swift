// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// A server's response. Its body is read on demand.
package struct HTTPAnswer: Sendable {
    /// The URL that answered, after redirects.
    package let url: ServiceURL
    /// The status and the header fields.
    package let head: ResponseHead
    /// The server's address.
    package var remote: PeerEndpoint { connection.remote }

    let connection: HTTPConnection

    /// Returns the next bytes of the body as they were sent, possibly compressed; nil at its end. One call at a time.
    ///
    /// - Throws: `HTTPError` if the body is cut short.
    package func nextBytes() async throws(HTTPError) -> ByteBuffer? {
        try await connection.perform { $0.nextBytes() }
    }

    /// Returns the whole body, decompressed (`gzip`, `x-gzip`, `deflate`).
    ///
    /// - Throws: `.limit` if the body exceeds `byteCount` bytes, compressed or decompressed; `.malformed` for an
    ///   unknown content coding; or what `nextBytes` throws.
    package func collect(upTo byteCount: Int) async throws(HTTPError) -> ByteBuffer {
        let coding = head.contentCoding
        if case .unknown(let name) = coding {
            throw HTTPError(.malformed, "content encoding \(name.debugDescription)")
        }
        let inflater = coding == .identity ? nil : Inflater(coding, byteLimit: byteCount)
        var body = ByteBuffer()
        var receivedByteCount = 0
        while let bytes = try await nextBytes() {
            receivedByteCount += bytes.readableBytes
            guard receivedByteCount <= byteCount else {
                throw HTTPError(.limit, "a body of more than \(byteCount) bytes")
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

    /// Seconds to wait before the next request, if the server sent `Retry-After`. `now` is in seconds since 1970.
    package func retryAfterSeconds(now: Int) -> Int? {
        head.first("retry-after").flatMap { RetryAfter.seconds($0, date: head.first("date"), now: now) }
    }
}

extension HTTPConnection {
    /// Waits for the future that `ask` returns. If the task is cancelled, the connection is closed.
    func perform<Output: Sendable>(
        _ ask: @escaping @Sendable (HTTPConnection) -> EventLoopFuture<Output>
    ) async throws(HTTPError) -> Output {
        do {
            return try await withTaskCancellationHandler {
                try await loop.flatSubmit { ask(self) }.get()
            } onCancel: {
                loop.execute { self.fail(HTTPError(.stopped, "cancelled")) }
            }
        } catch {
            throw HTTPError(channel: error)
        }
    }
}

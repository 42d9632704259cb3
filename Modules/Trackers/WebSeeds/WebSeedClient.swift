// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import RucheHTTP
package import RucheTransport
package import RucheWire

/// Gets ranges of files from HTTP servers (BEP 19).
///
/// A torrent's author chooses the URLs, so requests into this machine's network are checked first, and so is each
/// redirect: see `HTTPPurpose`. Requests leave only through the session's binding.
///
/// Owner: the session, one for all of its torrents. Call `shutdown()` before shutting down the runtime.
package final class WebSeedClient: Sendable {
    private let client: HTTPClient

    package init(
        binding: LocalBinding,
        runtime: TransportRuntime,
        resolver: (any HostResolver)? = nil
    ) {
        var limits = HTTPLimits()
        limits.requestsPerHost = WebSeedLimits.requestsPerHost
        limits.connectTimeout = WebSeedLimits.connectTimeout
        limits.silenceTimeout = WebSeedLimits.readTimeout
        limits.answerTimeout = WebSeedLimits.answerTimeout
        limits.redirects = WebSeedLimits.redirects
        client = HTTPClient(binding: binding, runtime: runtime, resolver: resolver, limits: limits)
    }

    package func shutdown() async { await client.shutdown() }

    /// Whether `url` names a server without a path.
    package static func isHostOnly(_ url: String) -> Bool { (try? ServiceURL(url))?.target.isEmpty ?? false }

    /// Resolves the server's endpoint. Whether it may be asked depends on the file, and is checked by `get`.
    package func findServer(at url: String) async throws(WebSeedError) -> PeerEndpoint {
        do throws(HTTPError) {
            let server = try ServiceURL(url)
            let addresses = try await client.lookUp(server.host)
            guard let first = addresses.first, server.scheme != .udp else {
                throw HTTPError(.unfitURL, "expected http or https in \(server)")
            }
            return PeerEndpoint(address: first, port: server.port)
        } catch {
            // A URL that is unfit for the web seed is unfit for all of its files.
            throw error.code == .unfitURL ? WebSeedError(error.message, .giveUp) : WebSeedError(error)
        }
    }

    /// Gets `range` of the file at `url`, which has `size` bytes, in one response, and passes its bytes to `receive` in
    /// order. Returns how many arrived: all of them, unless the server shortens its responses.
    ///
    /// A server without range support sends the whole file. If only a part was requested, this fails with
    /// `.takeWholeFiles` before the body is read.
    package func get(
        _ range: Range<Int>,
        ofFile url: String,
        size: Int,
        receive: (ByteBuffer) async throws -> Void
    ) async throws -> Int {
        let file: ServiceURL
        do { file = try ServiceURL(url) } catch { throw WebSeedError(error.message, .strikeOutFile) }
        var request = HTTPRequest(file, for: .webSeed)
        request.range = range
        request.remembersRedirects = true
        // A file that must be fetched whole may take any time.
        request.hasDeadline = range.count <= WebSeedLimits.requestByteCount + Block.byteCount
        do {
            return try await client.get(request) { answer in
                try await Self.take(range, of: answer, size: size, receive)
            }
        } catch let error as HTTPError {
            throw WebSeedError(error)
        }
    }

    private static func take(
        _ range: Range<Int>,
        of answer: HTTPAnswer,
        size: Int,
        _ receive: (ByteBuffer) async throws -> Void
    ) async throws -> Int {
        let body: Range<Int>
        switch RangeAnswer(answer.head, range: range, ofFileOf: size) {
        case .body(let bytes): body = bytes
        case .unfitFile(let reason): throw WebSeedError("\(reason), of \(answer.url)", .strikeOutFile)
        case .unavailable(let reason):
            let seconds = answer.retryAfterSeconds(now: WallClock.secondsSince1970)
            let pause = seconds.map { Interval.seconds(min($0, Int(WebSeedLimits.longestPause.seconds))) }
            throw WebSeedError("\(reason) for \(answer.url)", .pause(atLeast: pause))
        }
        guard answer.head.status != 200 || body == range else {
            throw WebSeedError("\(answer.url) is only available as a whole", .takeWholeFiles)
        }
        let wanted = body.clamped(to: range)
        var place = body.lowerBound
        while place < wanted.upperBound, var bytes = try await answer.nextBytes() {
            let start = place
            place += bytes.readableBytes
            bytes.moveReaderIndex(forwardBy: min(bytes.readableBytes, max(0, wanted.lowerBound - start)))
            let surplus = max(0, place - wanted.upperBound)
            guard let part = bytes.readSlice(length: max(0, bytes.readableBytes - surplus)), part.readableBytes > 0
            else { continue }
            try await receive(part)
        }
        guard place >= wanted.upperBound else {
            throw WebSeedError(
                "\(wanted.upperBound - place) bytes are missing from \(answer.url)",
                .pause(atLeast: nil)
            )
        }
        return wanted.count
    }
}

extension WebSeedError {
    fileprivate init(_ error: HTTPError) {
        let consequence: Consequence =
            switch error.code {
            // The URL of one file leads there; that of another may lead elsewhere.
            case .unfitURL, .redirects: .strikeOutFile
            case .localBinding: .giveUp
            default: .pause(atLeast: nil)
            }
        self.init(error.description, consequence)
    }
}

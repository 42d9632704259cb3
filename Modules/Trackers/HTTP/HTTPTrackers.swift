// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPCompression
internal import RucheTransport
internal import RucheWire

/// Asks HTTP trackers, with and without TLS.
///
/// Owner: `TrackerClient`. The connections live on one of the session's loops.
final class HTTPTrackers: Sendable {
    private let limits: TrackersLimits
    private let client: LazyHTTPClient

    init(loop: any EventLoop, limits: TrackersLimits) {
        self.limits = limits
        client = LazyHTTPClient(loop: loop, Self.makeConfiguration(limits))
    }

    /// One step on the way to an answer.
    enum Reply: Sendable {
        case body(ByteBuffer)
        case redirect(to: String)
    }

    /// Gets `url`, from the local address `source` where one is given. Redirects are returned, not followed.
    func get(_ url: String, from source: IPAddress?) async throws(TrackerFailure) -> Reply {
        guard let running = client.running else { throw TrackerFailure(.stopped, "the tracker client is shut down") }
        do {
            let response = try await running.execute(request(url, source), timeout: TimeAmount(limits.httpTimeout))
            if let location = response.redirection { return .redirect(to: location) }
            let body = try await response.body.collect(upTo: limits.answer.responseByteCount)
            try check(response.status, body)
            return .body(body)
        } catch {
            throw TrackerFailure(http: error)
        }
    }

    /// Ends what is under way with `.stopped`.
    func shutdown() async { await client.shutdown() }

    private func request(_ url: String, _ source: IPAddress?) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "User-Agent", value: LazyHTTPClient.userAgent)
        request.headers.add(name: "Accept-Encoding", value: "gzip")
        // The next announce is minutes away. Trackers close as they have answered, many without saying so, and a request on a
        // connection that is just being closed fails.
        request.headers.add(name: "Connection", value: "close")
        request.localAddress = source.map { "\($0)" }
        return request
    }

    /// Some trackers refuse with an error status and say why in the body, as they should with status 200.
    private func check(_ status: HTTPResponseStatus, _ body: ByteBuffer) throws {
        guard status != .ok else { return }
        do {
            _ = try AnnounceResponse(parsing: body, limits: limits.answer)
        } catch  where error.code == .refused {
            throw error
        } catch {}
        throw TrackerFailure(.status, "\(status.code)")
    }

    private static func makeConfiguration(_ limits: TrackersLimits) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = TimeAmount(limits.httpConnectTimeout)
        configuration.timeout.read = TimeAmount(limits.httpTimeout)
        // A small answer may unpack to any size: the limit is on what comes out.
        configuration.decompression = .enabled(limit: .size(limits.answer.responseByteCount))
        configuration.connectionPool.idleTimeout = .seconds(10)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = limits.requestsPerHost
        // A tracker that can't be reached is tried again by the schedule, at its own pace.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return configuration
    }
}

extension TrackerFailure {
    /// What the HTTP client ended with.
    fileprivate init(http error: any Error) {
        switch error {
        case let answer as TrackerError: self.init(answer)
        case let client as HTTPClientError: self.init(client)
        case is NIOTooManyBytesError, is NIOHTTPDecompression.DecompressionError:
            self.init(.limit, "an answer that is too long, or does not unpack: \(error)")
        default: self.init(transport: error)
        }
    }

    private init(_ error: HTTPClientError) {
        switch error {
        case .deadlineExceeded, .connectTimeout, .readTimeout, .getConnectionFromPoolTimeout:
            self.init(.timeout, "\(error)")
        case .alreadyShutdown, .cancelled: self.init(.stopped, "\(error)")
        case .invalidURL, .emptyHost, .emptyScheme: self.init(.unfitURL, "\(error)")
        default: self.init(.connection, "\(error)")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPCompression
internal import RucheTransport
internal import RucheWire
internal import Synchronization

/// Asks HTTP trackers, with and without TLS.
///
/// Owner: `TrackerClient`. The connections live on one of the session's loops.
final class HTTPTrackers: Sendable {
    /// How we present ourselves; the same version as in the peer id's prefix.
    static let userAgent = "Ruche/0.1.0"

    private enum State {
        case unused
        case running(HTTPClient)
        case closed
    }

    private let loop: any EventLoop
    private let limits: TrackersLimits
    private let state = Mutex(State.unused)

    init(loop: any EventLoop, limits: TrackersLimits) {
        self.loop = loop
        self.limits = limits
    }

    deinit {
        // The HTTP client insists on being shut down, even where our owner forgot.
        if case .running(let client) = state.withLock({ $0 }) { client.shutdown { _ in } }
    }

    /// One step on the way to an answer.
    enum Reply: Sendable {
        case body(ByteBuffer)
        case redirect(to: String)
    }

    /// Gets `url`, from the local address `source` where one is given. Redirects are returned, not followed.
    func get(_ url: String, from source: IPAddress?) async throws(TrackerFailure) -> Reply {
        let client = try runningClient()
        do {
            let response = try await client.execute(request(url, source), timeout: TimeAmount(limits.httpTimeout))
            if let location = redirect(in: response) { return .redirect(to: location) }
            let body = try await response.body.collect(upTo: limits.answer.responseByteCount)
            try check(response.status, body)
            return .body(body)
        } catch {
            throw TrackerFailure(http: error)
        }
    }

    /// Ends what is under way with `.stopped`.
    func shutdown() async {
        let last = state.withLock { state in
            let last = state
            state = .closed
            return last
        }
        if case .running(let client) = last { try? await client.shutdown() }
    }

    private func request(_ url: String, _ source: IPAddress?) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "User-Agent", value: Self.userAgent)
        request.headers.add(name: "Accept-Encoding", value: "gzip")
        request.localAddress = source.map { "\($0)" }
        return request
    }

    private func redirect(in response: HTTPClientResponse) -> String? {
        switch response.status {
        case .movedPermanently, .found, .seeOther, .temporaryRedirect, .permanentRedirect:
            response.headers.first(name: "Location")
        default: nil
        }
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

    private func runningClient() throws(TrackerFailure) -> HTTPClient {
        let client: HTTPClient? = state.withLock { state in
            switch state {
            case .running(let client): return client
            case .closed: return nil
            case .unused:
                let client = HTTPClient(eventLoopGroupProvider: .shared(loop), configuration: makeConfiguration())
                state = .running(client)
                return client
            }
        }
        guard let client else { throw TrackerFailure(.stopped, "the tracker client is shut down") }
        return client
    }

    private func makeConfiguration() -> HTTPClient.Configuration {
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

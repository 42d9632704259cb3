// SPDX-License-Identifier: Apache-2.0

package import Logging
package import RucheCrypto
internal import RucheHTTP
package import RucheTransport
package import RucheWire

/// Asks trackers over HTTP (BEP 3, 7, 23, 24, 31, 48) or UDP (BEP 15, 41).
///
/// A tracker with addresses of both families is asked over both, because it lists us and the peers it names by family
/// (BEP 7). Requests wait for their turn: see `TrackerLimits.requestsPerHost`.
///
/// With a `LocalBinding`, requests leave only through its addresses, interface or proxy. The system resolves names, unless
/// there is a proxy.
///
/// Owner: the session, one for all of its torrents. Call `shutdown()` before shutting down the runtime.
package final class TrackerClient: Sendable {
    let limits: TrackerLimits
    let binding: LocalBinding
    let logger: Logger
    let http: HTTPClient
    let udp: UDPTrackers

    let resolver: any HostResolver

    private let gate: RequestGate
    private let bulletin: Locked<TrackerBulletin>

    /// Asks HTTP trackers from `binding` only and UDP trackers over `datagrams`, and resolves both with `resolver`;
    /// nil is the binding's.
    ///
    /// `datagrams` must have the same binding. The caller closes it after the client.
    package init(
        binding: LocalBinding,
        datagrams: any DatagramPort,
        runtime: TransportRuntime,
        logger: Logger,
        resolver: (any HostResolver)? = nil,
        limits: TrackerLimits = .init()
    ) {
        self.limits = limits
        self.binding = binding
        self.logger = logger
        self.resolver = resolver ?? binding.resolver
        bulletin = Locked(TrackerBulletin(limits: limits))
        var httpLimits = HTTPLimits()
        httpLimits.connectTimeout = limits.httpConnectTimeout
        httpLimits.silenceTimeout = limits.httpTimeout
        httpLimits.answerTimeout = limits.httpTimeout
        httpLimits.lookupTimeout = limits.lookupTimeout
        httpLimits.redirects = limits.httpRedirects
        http = HTTPClient(binding: binding, runtime: runtime, resolver: resolver, limits: httpLimits)
        udp = UDPTrackers(port: datagrams, limits: limits)
        gate = RequestGate(
            RequestQueue(perHost: limits.requestsPerHost, total: limits.requests, capacity: limits.queuedRequests)
        )
    }

    /// Announces `request` once to the tracker at `url`, however long that takes; cancelling the task ends it. Peers
    /// that the tracker names by host are in `namedPeers`, for `lookUp(_:onFound:)`.
    ///
    /// Over UDP the response's minimum interval equals its interval (BEP 15).
    ///
    /// - Throws: `TrackerError`, which says why there is no response.
    package func announce(
        _ request: AnnounceRequest,
        to url: String
    ) async throws(TrackerError) -> AnnounceResponse {
        let tracker = try Self.parse(url)
        return try await takingTurn(at: tracker) { (routes) async throws(TrackerError) in
            try await self.askAll(routes) { (route) async throws(TrackerError) in
                try await self.announce(request, to: tracker, by: route)
            }
        }
    }

    /// Resolves peers that a tracker names by host, at most `TrackerMessageLimits.namedPeerCount`. `onFound` receives the
    /// endpoints of each as soon as they are known, on any thread. Returns when all are resolved, after at most
    /// `TrackerLimits.lookupTimeout`; cancelling the task ends it.
    package func lookUp(_ peers: [NamedEndpoint], onFound: @escaping @Sendable ([PeerEndpoint]) -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for peer in peers.prefix(limits.answer.namedPeerCount) {
                group.addTask { [http] in
                    guard let addresses = try? await http.lookUp(peer.host), !addresses.isEmpty else { return }
                    onFound(addresses.map { PeerEndpoint(address: $0, port: peer.port) })
                }
            }
        }
    }

    /// Asks the tracker at the announce URL `url` for the counts of swarms, in batches if necessary.
    ///
    /// - Throws: `TrackerError`; `unfitURL` if an HTTP tracker's URL has no scrape equivalent (BEP 48).
    package func scrape(_ hashes: [SHA1Digest], at url: String) async throws(TrackerError) -> ScrapeResponse {
        let tracker = try Self.parse(url)
        return try await takingTurn(at: tracker) { (routes) async throws(TrackerError) in
            try await self.askFirst(routes) { (route) async throws(TrackerError) in
                try await self.scrape(hashes, at: tracker, by: route)
            }
        }
    }

    /// Returns what trackers have reported to torrents since the last call: once for all torrents that received the
    /// same.
    package func nextReports() -> [TrackerReport] { bulletin.withLock { $0.nextReports() } }

    /// Records the result of an announce of `torrent`.
    func note(_ result: Result<AnnounceResponse, TrackerError>, of url: String, to torrent: SHA1Digest) {
        var status = TrackerStatus(url: url, tier: 0)
        var isOutage = false
        switch result {
        case .success(let response): status.warning = response.warning
        case .failure(let failure):
            guard failure.code != .stopped else { return }
            status.lastFailure = failure
            isOutage = !failure.isAnswer
        }
        bulletin.withLock { $0.handle(status.words, isOutage: isOutage, of: url, to: torrent) }
    }

    /// Ends all waiting and running requests with `.stopped`, and refuses further ones.
    package func shutdown() async {
        gate.close()
        await udp.shutdown()
        await http.shutdown()
    }

    static func parse(_ url: String) throws(TrackerError) -> ServiceURL {
        do { return try ServiceURL(url) } catch { throw TrackerError(error) }
    }

    /// Resolves the tracker's name, waits for a turn at its host, and asks.
    ///
    /// The lookup comes first, so an unresponsive name server takes no turn from trackers whose names are resolved.
    private func takingTurn<Output: Sendable>(
        at tracker: ServiceURL,
        _ ask: ([TrackerRoute]) async throws(TrackerError) -> Output
    ) async throws(TrackerError) -> Output {
        let routes = try await findRoutes(to: tracker)
        let foundAt = Instant.now
        do throws(RequestGate.Refusal) { try await gate.enter(tracker.host) } catch {
            switch error {
            case .full: throw TrackerError(.limit, "too many requests to trackers are waiting")
            case .stopped: throw TrackerError(.stopped, "the client is shut down, or the request cancelled")
            }
        }
        defer { gate.leave(tracker.host) }
        let isFresh = Instant.now - foundAt < limits.routeLifetime
        return try await ask(isFresh ? routes : findRoutes(to: tracker))
    }
}

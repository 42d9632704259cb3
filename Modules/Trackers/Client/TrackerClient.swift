// SPDX-License-Identifier: Apache-2.0

public import Logging
public import RucheCrypto
public import RucheTransport
public import RucheWire

/// Asks trackers, by HTTP (BEP 3, 7, 23, 24, 31, 48) or UDP (BEP 15, 41).
///
/// A tracker that has addresses of both families is asked over both, since it lists us, and the peers it names, by
/// family (BEP 7). Requests wait for their turn: see `TrackersLimits.requestsPerHost`.
///
/// Under a `LocalBinding`, requests leave from its addresses only; where it names an interface, UDP is held to that,
/// and HTTP trackers are refused with `.localBinding`, for our HTTP client can't be held to it. Names are looked up by the
/// system either way.
///
/// Owner: the session, one for all of its torrents; `shutdown()` comes before the runtime's.
public final class TrackerClient: Sendable {
    let limits: TrackersLimits
    let binding: LocalBinding
    let logger: Logger
    let http: HTTPTrackers
    let udp: UDPTrackers

    private let gate: RequestGate

    /// A client that sends from `binding` only.
    public init(
        binding: LocalBinding,
        runtime: TransportRuntime,
        logger: Logger,
        limits: TrackersLimits = .init()
    ) {
        self.limits = limits
        self.binding = binding
        self.logger = logger
        let loop = runtime.nextLoop()
        http = HTTPTrackers(loop: loop, limits: limits)
        udp = UDPTrackers(binding: binding, loop: loop, limits: limits, transportLimits: runtime.limits)
        gate = RequestGate(limits: limits)
    }

    /// Announces `request` to the tracker at `url`, once, however long that takes; cancelling the task ends it.
    ///
    /// Over UDP the answer's minimum interval is its interval (BEP 15).
    ///
    /// - Throws: `TrackerFailure`, which says why nothing came.
    public func announce(
        _ request: AnnounceRequest,
        to url: String
    ) async throws(TrackerFailure) -> AnnounceResponse {
        let tracker = try ServiceURL(url)
        return try await gate.run(at: tracker.host) { () async throws(TrackerFailure) in
            let routes = try await self.findRoutes(to: tracker)
            return try await self.askAll(routes) { (route) async throws(TrackerFailure) in
                try await self.announce(request, to: tracker, by: route)
            }
        }
    }

    /// Asks the tracker at the announce URL `url` for the counts of swarms, in batches where they are many.
    ///
    /// - Throws: `TrackerFailure`; `unfitURL` where an HTTP tracker's URL has no scrape beside it (BEP 48).
    public func scrape(_ hashes: [SHA1Digest], at url: String) async throws(TrackerFailure) -> ScrapeResponse {
        let tracker = try ServiceURL(url)
        return try await gate.run(at: tracker.host) { () async throws(TrackerFailure) in
            let routes = try await self.findRoutes(to: tracker)
            return try await self.askFirst(routes) { (route) async throws(TrackerFailure) in
                try await self.scrape(hashes, at: tracker, by: route)
            }
        }
    }

    /// Ends all requests, waiting and under way, with `.stopped`, and takes no more.
    public func shutdown() async {
        gate.close()
        await udp.shutdown()
        await http.shutdown()
    }
}

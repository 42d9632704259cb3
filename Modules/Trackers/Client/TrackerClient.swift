// SPDX-License-Identifier: Apache-2.0

public import Logging
public import RucheCrypto
public import RucheTransport
public import RucheWire

/// Asks trackers, by HTTP or UDP.
///
/// Owner: the session, one for all of its torrents; `shutdown()` comes before the runtime's.
public final class TrackerClient: Sendable {
    let limits: TrackersLimits

    /// A client that sends from `binding` only.
    public init(
        binding: LocalBinding,
        runtime: TransportRuntime,
        logger: Logger,
        limits: TrackersLimits = .init()
    ) {
        self.limits = limits
    }

    /// Announces `request` to the tracker at `url`.
    public func announce(
        _ request: AnnounceRequest,
        to url: String
    ) async throws(TrackerFailure) -> AnnounceResponse {
        throw TrackerFailure(.stopped, "not yet")
    }

    /// Asks the tracker at the announce URL `url` for the counts of swarms.
    public func scrape(_ hashes: [SHA1Digest], at url: String) async throws(TrackerFailure) -> ScrapeResponse {
        throw TrackerFailure(.stopped, "not yet")
    }

    /// Ends all requests, waiting and under way, with `.stopped`.
    public func shutdown() async {}
}

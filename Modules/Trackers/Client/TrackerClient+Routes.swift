// SPDX-License-Identifier: Apache-2.0

internal import RucheHTTP
internal import RucheTransport
internal import RucheWire

/// A route to a tracker: one of its addresses, one for each address family.
struct TrackerRoute: Hashable, Sendable {
    let endpoint: PeerEndpoint
    /// All addresses of the tracker's name.
    let known: [IPAddress]
}

extension TrackerClient {
    /// Returns one route for each address family that the tracker has and the binding allows; never empty.
    func findRoutes(to tracker: ServiceURL) async throws(TrackerError) -> [TrackerRoute] {
        let endpoints = try await lookUp(tracker)
        let first = [true, false].compactMap { isIPv4 in endpoints.first { $0.address.isIPv4 == isIPv4 } }
        let routes = first.filter { (try? binding.source(for: $0.address)) != nil || binding.addresses.isEmpty }
            .map { TrackerRoute(endpoint: $0, known: endpoints.map(\.address)) }
        guard !routes.isEmpty else {
            throw TrackerError(.localBinding, "no local address of the family of \(tracker.host)")
        }
        return routes
    }

    /// Resolves the endpoints of `tracker`.
    func lookUp(_ tracker: ServiceURL) async throws(TrackerError) -> [PeerEndpoint] {
        do {
            return try await http.lookUp(tracker.host).map { PeerEndpoint(address: $0, port: tracker.port) }
        } catch {
            throw TrackerError(error)
        }
    }

    /// Asks over every route at once. After the first good response, waits briefly for the others and merges them.
    func askAll(
        _ routes: [TrackerRoute],
        _ ask: @escaping @Sendable (TrackerRoute) async throws(TrackerError) -> AnnounceResponse
    ) async throws(TrackerError) -> AnnounceResponse {
        let grace = limits.familyGrace
        let outcome = await withTaskGroup(of: Result<AnnounceResponse, TrackerError>?.self) { group in
            for route in routes {
                group.addTask { () async -> Result<AnnounceResponse, TrackerError>? in
                    do throws(TrackerError) { return .success(try await ask(route)) } catch { return .failure(error) }
                }
            }
            var merged: AnnounceResponse?
            var failure: TrackerError?
            var missing = routes.count
            while missing > 0, let next = await group.next(), let result = next {
                missing -= 1
                switch result {
                case .failure(let error): failure = failure ?? error
                case .success(let response):
                    if merged == nil, missing > 0 {
                        group.addTask {
                            try? await Task.sleep(nanoseconds: UInt64(max(0, grace.nanoseconds)))
                            return nil
                        }
                    }
                    merged = merged?.merged(with: response) ?? response
                }
            }
            group.cancelAll()
            return Result { () throws(TrackerError) in
                guard let merged else { throw failure ?? TrackerError(.lookup, "no route") }
                return merged
            }
        }
        return try outcome.get()
    }

    /// Asks over one route after the other, until one brings a response.
    func askFirst<Output: Sendable>(
        _ routes: [TrackerRoute],
        _ ask: (TrackerRoute) async throws(TrackerError) -> Output
    ) async throws(TrackerError) -> Output {
        var failure = TrackerError(.lookup, "no route")
        for route in routes {
            do { return try await ask(route) } catch { failure = error }
        }
        throw failure
    }
}

extension AnnounceResponse {
    /// Merges the responses of one tracker over two address families. The longer interval applies.
    func merged(with other: AnnounceResponse) -> AnnounceResponse {
        var merged = self
        var seen = Set(peers)
        merged.peers += other.peers.filter { seen.insert($0).inserted }
        merged.namedPeers += other.namedPeers.filter { !namedPeers.contains($0) }
        merged.intervalSeconds = max(intervalSeconds, other.intervalSeconds)
        merged.minimumIntervalSeconds = [minimumIntervalSeconds, other.minimumIntervalSeconds].compactMap(\.self).max()
        merged.seedCount = [seedCount, other.seedCount].compactMap(\.self).max()
        merged.leecherCount = [leecherCount, other.leecherCount].compactMap(\.self).max()
        merged.downloadCount = [downloadCount, other.downloadCount].compactMap(\.self).max()
        merged.externalAddress = externalAddress ?? other.externalAddress
        merged.warning = warning ?? other.warning
        merged.trackerID = trackerID ?? other.trackerID
        return merged
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheTransport
internal import RucheWire

extension TrackerClient {
    func announce(
        _ request: AnnounceRequest,
        to tracker: ServiceURL,
        by route: TrackerRoute
    ) async throws(TrackerFailure) -> AnnounceResponse {
        guard tracker.scheme == .udp else {
            let url = HTTPTrackerURL.announce(request, to: tracker.text)
            let body = try await fetch(url, of: tracker, by: route)
            do { return try AnnounceResponse(parsing: body, limits: limits.answer) } catch {
                throw TrackerFailure(error)
            }
        }
        let question = UDPTrackerExchange.Question.announce(request, path: try urlData(of: tracker))
        guard case .announce(var response) = try await udp.ask(question, at: route.endpoint) else {
            throw TrackerFailure(.malformed, "no answer to an announce")
        }
        response.minimumIntervalSeconds = response.intervalSeconds
        return response
    }

    func scrape(
        _ hashes: [SHA1Digest],
        at tracker: ServiceURL,
        by route: TrackerRoute
    ) async throws(TrackerFailure) -> ScrapeResponse {
        var all = ScrapeResponse(swarms: [:])
        let batch = max(1, limits.answer.scrapeCount)
        for start in stride(from: 0, to: hashes.count, by: batch) {
            let part = Array(hashes[start..<min(start + batch, hashes.count)])
            let answer = try await scrapeOnce(part, at: tracker, by: route)
            all.swarms.merge(answer.swarms) { $1 }
        }
        return all
    }

    private func scrapeOnce(
        _ hashes: [SHA1Digest],
        at tracker: ServiceURL,
        by route: TrackerRoute
    ) async throws(TrackerFailure) -> ScrapeResponse {
        guard tracker.scheme == .udp else {
            do {
                let url = try HTTPTrackerURL.scrape(hashes, from: tracker.text)
                let body = try await fetch(url, of: tracker, by: route)
                return try ScrapeResponse(parsing: body, limits: limits.answer)
            } catch let error as TrackerError {
                throw TrackerFailure(error)
            } catch {
                throw TrackerFailure(transport: error)
            }
        }
        guard case .scrape(let response) = try await udp.ask(.scrape(hashes), at: route.endpoint) else {
            throw TrackerFailure(.malformed, "no answer to a scrape")
        }
        return response
    }

    /// What a UDP tracker is told of its URL (BEP 41). The usual path says nothing, and trackers that don't know the
    /// extension are spared it.
    private func urlData(of tracker: ServiceURL) throws(TrackerFailure) -> String {
        if ["", "/", "/announce"].contains(tracker.path) { return "" }
        guard tracker.path.utf8.count <= limits.udpPathByteCount else {
            throw TrackerFailure(.unfitURL, "a UDP tracker's path of more than \(limits.udpPathByteCount) bytes")
        }
        return tracker.path
    }

    // MARK: - HTTP

    /// The answer at `url`, redirects followed.
    private func fetch(
        _ url: String,
        of tracker: ServiceURL,
        by route: TrackerRoute
    ) async throws(TrackerFailure) -> ByteBuffer {
        let result = await Deadline.wait(atMost: limits.httpTimeout) { () -> Result<ByteBuffer, TrackerFailure> in
            do throws(TrackerFailure) {
                return .success(try await self.follow(url, of: tracker, by: route))
            } catch {
                return .failure(error)
            }
        }
        if let result { return try result.get() }
        if Task.isCancelled { throw TrackerFailure(.stopped, "cancelled") }
        throw TrackerFailure(.timeout, "\(tracker.text) took longer than \(limits.httpTimeout.seconds) s")
    }

    private func follow(
        _ url: String,
        of tracker: ServiceURL,
        by route: TrackerRoute
    ) async throws(TrackerFailure) -> ByteBuffer {
        var url = url
        for _ in 0...max(0, limits.httpRedirects) {
            switch try await http.get(url, from: route.source) {
            case .body(let body): return body
            case .redirect(let location):
                let target = try tracker.resolving(redirect: location)
                let addresses = try await lookUp(target).map(\.address)
                try target.checkRedirect(from: tracker, at: route.known, reaching: addresses)
                url = target.text
            }
        }
        throw TrackerFailure(.limit, "more than \(limits.httpRedirects) redirects from \(tracker.text)")
    }
}

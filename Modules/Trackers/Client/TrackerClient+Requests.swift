// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheHTTP
internal import RucheTransport
internal import RucheWire

extension TrackerClient {
    func announce(
        _ request: AnnounceRequest,
        to tracker: ServiceURL,
        by route: TrackerRoute
    ) async throws(TrackerError) -> AnnounceResponse {
        guard tracker.scheme == .udp else {
            let target = HTTPTrackerURL.announce(request, to: tracker.target)
            let body = try await fetch(tracker.asking(for: target), by: route)
            do { return try AnnounceResponse(parsing: body, limits: limits.answer) } catch {
                throw TrackerError(error)
            }
        }
        let question = UDPTrackerExchange.Question.announce(request, path: try urlData(of: tracker))
        guard case .announce(var response) = try await udp.ask(question, at: route.endpoint) else {
            throw TrackerError(.malformed, "not a response to an announce")
        }
        response.minimumIntervalSeconds = response.intervalSeconds
        return response
    }

    func scrape(
        _ hashes: [SHA1Digest],
        at tracker: ServiceURL,
        by route: TrackerRoute
    ) async throws(TrackerError) -> ScrapeResponse {
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
    ) async throws(TrackerError) -> ScrapeResponse {
        guard tracker.scheme == .udp else {
            do {
                let target = try HTTPTrackerURL.scrape(hashes, from: tracker.target)
                let body = try await fetch(tracker.asking(for: target), by: route)
                return try ScrapeResponse(parsing: body, limits: limits.answer)
            } catch let error as TrackerMessageError {
                throw TrackerError(error)
            } catch {
                throw TrackerError(transport: error)
            }
        }
        guard case .scrape(let response) = try await udp.ask(.scrape(hashes), at: route.endpoint) else {
            throw TrackerError(.malformed, "not a response to a scrape")
        }
        return response
    }

    /// The part of its URL that a UDP tracker is sent (BEP 41). The usual path is left out, for trackers that do not
    /// know the extension.
    private func urlData(of tracker: ServiceURL) throws(TrackerError) -> String {
        if ["", "/", "/announce"].contains(tracker.target) { return "" }
        guard tracker.target.utf8.count <= limits.udpPathByteCount else {
            throw TrackerError(.unfitURL, "a UDP tracker's path of more than \(limits.udpPathByteCount) bytes")
        }
        return tracker.target
    }

    // MARK: - HTTP

    /// Returns the response body of `url`, after redirects.
    private func fetch(_ url: ServiceURL, by route: TrackerRoute) async throws(TrackerError) -> ByteBuffer {
        let result = await Deadline.wait(atMost: limits.httpTimeout) { () -> Result<ByteBuffer, TrackerError> in
            do {
                return .success(try await self.http.get(self.makeRequest(url, by: route), self.read))
            } catch {
                return .failure(TrackerError(transport: error))
            }
        }
        if let result { return try result.get() }
        if Task.isCancelled { throw TrackerError(.stopped, "cancelled") }
        throw TrackerError(.timeout, "\(url.host) took longer than \(limits.httpTimeout.seconds) s")
    }

    private func makeRequest(_ url: ServiceURL, by route: TrackerRoute) -> HTTPRequest {
        var request = HTTPRequest(url, for: .tracker)
        request.takesCompressed = true
        // The next announce is minutes away, so the connection is not kept.
        request.keepsConnection = false
        request.addresses = route.known
        request.family = IPFamily(of: route.endpoint.address)
        return request
    }

    /// Some trackers refuse with an error status and give the reason in the body, which belongs to status 200.
    private func read(_ answer: HTTPAnswer) async throws -> ByteBuffer {
        let isGood = answer.head.status == 200
        let body: ByteBuffer
        do { body = try await answer.collect(upTo: limits.answer.responseByteCount) } catch {
            guard !isGood else { throw error }
            throw makeStatusFailure(answer)
        }
        guard !isGood else { return body }
        do {
            _ = try AnnounceResponse(parsing: body, limits: limits.answer)
        } catch  where error.code == .refused {
            throw TrackerError(error)
        } catch {}
        throw makeStatusFailure(answer)
    }

    private func makeStatusFailure(_ answer: HTTPAnswer) -> TrackerError {
        let seconds = answer.retryAfterSeconds(now: WallClock.secondsSince1970)
        return TrackerError(.status, "\(answer.head.status)", retryAfterSeconds: seconds)
    }
}

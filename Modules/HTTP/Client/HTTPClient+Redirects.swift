// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

extension HTTPClient {
    /// Sends `request`, follows redirects, and returns the final response.
    func follow(_ request: HTTPRequest) async throws(HTTPError) -> HTTPAnswer {
        if request.remembersRedirects, let known = await connections.redirect(from: request.url) {
            if let answer = try await askRemembered(request, known) { return answer }
            await connections.forgetRedirect(from: request.url)
        }
        return try await followAfresh(request)
    }

    private func followAfresh(_ request: HTTPRequest) async throws(HTTPError) -> HTTPAnswer {
        var answer = try await ask(request, at: request.url, knownAddresses: request.addresses) {
            (_) throws(HTTPError) in
        }
        let origin = [answer.remote.address]
        for _ in 0..<max(0, limits.redirects) {
            guard let location = answer.head.redirection else { break }
            let target: ServiceURL
            do { target = try answer.url.resolving(location) } catch {
                await connections.close(answer.connection)
                throw error
            }
            await finish(answer, of: request)
            answer = try await ask(request, at: target, knownAddresses: nil) { (addresses) throws(HTTPError) in
                try request.purpose.checkRedirect(from: request.url, at: origin, to: target, at: addresses)
            }
        }
        guard answer.head.redirection == nil else {
            await connections.close(answer.connection)
            throw HTTPError(.redirects, "more than \(limits.redirects) redirects from \(request.url)")
        }
        if request.remembersRedirects, answer.url != request.url, answer.head.status < 300 {
            await connections.remember(Redirect(target: answer.url, origin: origin), from: request.url)
        }
        return answer
    }

    /// Returns nil if the remembered target no longer gives a good response.
    private func askRemembered(_ request: HTTPRequest, _ known: Redirect) async throws(HTTPError) -> HTTPAnswer? {
        do {
            let answer = try await ask(request, at: known.target, knownAddresses: nil) {
                (addresses) throws(HTTPError) in
                try request.purpose.checkRedirect(from: request.url, at: known.origin, to: known.target, at: addresses)
            }
            if answer.head.status < 300 { return answer }
            await finish(answer, of: request)
            return nil
        } catch {
            if error.code == .stopped || error.code == .unfitURL { throw error }
            return nil
        }
    }

    /// Sends `request` to `url` itself, over a kept connection or a new one.
    private func ask(
        _ request: HTTPRequest,
        at url: ServiceURL,
        knownAddresses: [IPAddress]?,
        _ check: @Sendable ([IPAddress]) throws(HTTPError) -> Void
    ) async throws(HTTPError) -> HTTPAnswer {
        guard url.scheme != .udp else { throw HTTPError(.unfitURL, "expected http or https in \(url)") }
        if request.keepsConnection, let kept = await connections.take(ServerKey(url), request.family) {
            do {
                try check([kept.remote.address])
                try request.purpose.check(url, at: [kept.remote.address])
                return try await send(request, on: kept, url)
            } catch {
                await connections.close(kept)
                // The server closed the idle connection before answering, so sending the request again is safe.
                guard error.code == .unanswered else { throw error }
            }
        }
        var addresses = knownAddresses ?? []
        if addresses.isEmpty { addresses = try await lookUp(url.host) }
        try check(addresses)
        try request.purpose.check(url, at: addresses)
        let connection = try await connections.dial(url, addresses, request.family)
        do { return try await send(request, on: connection, url) } catch {
            await connections.close(connection)
            throw error
        }
    }

    private func send(
        _ request: HTTPRequest,
        on connection: HTTPConnection,
        _ url: ServiceURL
    ) async throws(HTTPError) -> HTTPAnswer {
        let bytes = request.encoded(to: url)
        let limit = request.hasDeadline ? limits.answerTimeout : nil
        let head = try await connection.perform { $0.send(bytes, within: limit) }
        return HTTPAnswer(url: url, head: head, connection: connection)
    }
}

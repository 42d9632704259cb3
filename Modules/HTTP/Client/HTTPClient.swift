// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
package import RucheTransport
package import RucheWire

/// Gets the resource at a URL over HTTP/1.1, with or without TLS.
///
/// A host's name is resolved once, every address is checked against the request's purpose, and only these addresses are
/// dialled, so a name that later resolves to another address cannot bypass the check. Connections leave through the
/// local binding and are kept for a while. Every queue, body and wait has a limit in `HTTPLimits`.
///
/// Owner: the code that asks one kind of server, trackers or web seeds. Call `shutdown()` before shutting down the
/// runtime.
package final class HTTPClient: Sendable {
    let limits: HTTPLimits
    let connections: ConnectionPool

    private let resolver: any HostResolver
    private let gate: RequestGate

    /// Creates a client that sends from `binding` only. Its connections live on one loop of `runtime`.
    ///
    /// - Parameters:
    /// - resolver: resolves host names; nil for the binding's.
    /// - trustedCertificates: certificate authorities in PEM; nil to trust those of the system.
    package init(
        binding: LocalBinding,
        runtime: TransportRuntime,
        resolver: (any HostResolver)? = nil,
        trustedCertificates: [UInt8]? = nil,
        limits: HTTPLimits = .init()
    ) {
        self.limits = limits
        self.resolver = resolver ?? binding.resolver
        gate = RequestGate(
            RequestQueue(perHost: limits.requestsPerHost, total: limits.requests, capacity: limits.queuedRequests)
        )
        connections = ConnectionPool(
            dialer: StreamDialer(binding: binding),
            loop: runtime.nextLoop(),
            roots: TLSRoots(certificates: trustedCertificates),
            limits: limits
        )
    }

    /// Gets `request.url`, follows redirects, and passes the response to `use`, which may read its body. The response
    /// is valid until `use` returns.
    ///
    /// - Throws: `HTTPError`, or what `use` throws. Cancelling the task ends the request.
    package func get<Output: Sendable>(
        _ request: HTTPRequest,
        _ use: (HTTPAnswer) async throws -> Output
    ) async throws -> Output {
        try await enter(request.url.host)
        defer { gate.leave(request.url.host) }
        let answer = try await follow(request)
        do {
            let output = try await use(answer)
            await finish(answer, of: request)
            return output
        } catch {
            await connections.close(answer.connection)
            throw error
        }
    }

    /// Releases the connection of `answer`. If the connection is not kept, the rest of the body is not read.
    func finish(_ answer: HTTPAnswer, of request: HTTPRequest) async {
        let isKept = request.keepsConnection && answer.head.keepsConnection
        await connections.finish(answer.connection, keeping: isKept)
    }

    /// Resolves `host` and returns the addresses that may be dialled.
    ///
    /// - Throws: `.lookup` if there are none; `.exhausted` or `.timeout` if the lookup itself failed.
    package func lookUp(_ host: String) async throws(HTTPError) -> [IPAddress] {
        let found: [IPAddress]
        do { found = try await resolver.addresses(of: host, within: limits.lookupTimeout) } catch {
            throw Task.isCancelled ? HTTPError(.stopped, "cancelled") : HTTPError(channel: error)
        }
        let addresses = found.filter { !$0.isMulticast && !$0.isUnspecified }
        guard !addresses.isEmpty else {
            throw Task.isCancelled ? HTTPError(.stopped, "cancelled") : HTTPError(.lookup, "no address for \(host)")
        }
        return addresses
    }

    /// Ends all waiting and running requests with `.stopped`, and refuses further ones.
    package func shutdown() async {
        gate.close()
        await connections.shutdown()
    }

    private func enter(_ host: String) async throws(HTTPError) {
        do throws(RequestGate.Refusal) { try await gate.enter(host) } catch {
            switch error {
            case .full: throw HTTPError(.limit, "too many requests are waiting")
            case .stopped: throw HTTPError(.stopped, "the client is shut down, or the request cancelled")
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
public import RucheTransport
package import RucheWire

/// Gets what is at a URL over HTTP/1.1, with and without TLS.
///
/// A host's name is looked up, every address that it has is checked for the request's purpose, and exactly these are
/// dialled: a name that means another address a moment later changes nothing. Connections leave by the local binding and
/// are kept for a while. Each queue, body and wait has a limit in `HTTPLimits`.
///
/// Owner: who asks one kind of server, trackers or web seeds; `shutdown()` comes before the runtime's.
public final class HTTPClient: Sendable {
    let limits: HTTPLimits
    let connections: ConnectionPool

    private let resolver: any HostResolver
    private let gate: RequestGate

    /// A client that sends from `binding` only; its connections live on one loop of `runtime`.
    ///
    /// - Parameters:
    ///   - resolver: where names are looked up.
    ///   - trustedCertificates: certificate authorities in PEM; nil for the system's.
    public init(
        binding: LocalBinding,
        runtime: TransportRuntime,
        resolver: any HostResolver = SystemResolver(),
        trustedCertificates: [UInt8]? = nil,
        limits: HTTPLimits = .init()
    ) {
        self.limits = limits
        self.resolver = resolver
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

    /// Gets `request.url`, follows redirects, and hands the answer to `use`, which may take its body. The answer is over
    /// once `use` returns.
    ///
    /// - Throws: `HTTPFailure`, or what `use` throws. A cancelled task ends the request.
    public func get<Output: Sendable>(
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

    /// `answer` has been used. Where its connection cannot be kept, nothing that is left of its body is waited for.
    func finish(_ answer: HTTPAnswer, of request: HTTPRequest) async {
        let isKept = request.keepsConnection && answer.head.keepsConnection
        await connections.finish(answer.connection, keeping: isKept)
    }

    /// The addresses of `host` that may be dialled at all.
    ///
    /// - Throws: `.lookup` where there are none, `.exhausted` or `.timeout` where nobody could be asked.
    package func lookUp(_ host: String) async throws(HTTPFailure) -> [IPAddress] {
        let found: [IPAddress]
        do { found = try await resolver.addresses(of: host, within: limits.lookupTimeout) } catch {
            throw Task.isCancelled ? HTTPFailure(.stopped, "cancelled") : HTTPFailure(channel: error)
        }
        let addresses = found.filter { !$0.isMulticast && !$0.isUnspecified }
        guard !addresses.isEmpty else {
            throw Task.isCancelled ? HTTPFailure(.stopped, "cancelled") : HTTPFailure(.lookup, "no address for \(host)")
        }
        return addresses
    }

    /// Ends all requests, waiting and under way, with `.stopped`, and takes no further ones.
    public func shutdown() async {
        gate.close()
        await connections.shutdown()
    }

    private func enter(_ host: String) async throws(HTTPFailure) {
        do throws(RequestGate.Refusal) { try await gate.enter(host) } catch {
            switch error {
            case .full: throw HTTPFailure(.limit, "too many requests wait already")
            case .stopped: throw HTTPFailure(.stopped, "the client is shut down, or the request cancelled")
            }
        }
    }
}

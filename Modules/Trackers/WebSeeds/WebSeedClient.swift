// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
package import NIOCore
internal import NIOHTTP1
package import RucheTransport
package import RucheWire

/// Gets stretches of files from HTTP servers.
///
/// A torrent's author chooses the URLs, so what this machine would ask of its own neighbourhood is checked first, and so is
/// each redirect. Requests leave by the session's binding only; where that names an interface nothing is fetched, for HTTP
/// can't be held to one.
///
/// Owner: the session, one for all of its torrents; `shutdown()` comes before the runtime's.
package final class WebSeedClient: Sendable {
    private let binding: LocalBinding
    private let client: LazyHTTPClient

    package init(binding: LocalBinding, runtime: TransportRuntime) {
        self.binding = binding
        client = LazyHTTPClient(loop: runtime.nextLoop(), Self.makeConfiguration())
    }

    package func shutdown() async { await client.shutdown() }

    /// A server, looked up and found fit to be asked.
    package struct Route: Sendable {
        package let endpoint: PeerEndpoint
        fileprivate let url: ServiceURL
        fileprivate let addresses: [IPAddress]
        fileprivate let source: IPAddress?
    }

    package func findRoute(to url: String) async throws -> Route {
        guard binding.interface == nil else {
            throw WebSeedFailure("HTTP can't be held to an interface", isFinal: true)
        }
        let server: ServiceURL
        do { server = try ServiceURL(url) } catch { throw WebSeedFailure(error.message, isFinal: true) }
        let endpoints = try await lookUp(server)
        do { try server.checkWebSeed(reaching: endpoints.map(\.address)) } catch {
            throw WebSeedFailure(error.message, isFinal: true)
        }
        for endpoint in endpoints {
            guard let source = try? Optional.some(binding.source(for: endpoint.address)) else { continue }
            return Route(endpoint: endpoint, url: server, addresses: endpoints.map(\.address), source: source)
        }
        throw WebSeedFailure("no local address of the family of \(server.host)", isFinal: true)
    }

    private func lookUp(_ url: ServiceURL) async throws -> [PeerEndpoint] {
        let endpoints = await HostLookup.endpoints(host: url.host, port: url.port)
            .filter { !$0.address.isMulticast && !$0.address.isUnspecified }
        guard !endpoints.isEmpty else { throw WebSeedFailure("no address for \(url.host)") }
        return endpoints
    }

    /// Gets `range` of the file at `url`, which has `size` bytes. `receive` is given all of it, in order, or this throws.
    package func get(
        _ range: Range<Int>,
        ofFile url: String,
        size: Int,
        by route: Route,
        receive: (ByteBuffer) async throws -> Void
    ) async throws {
        var target = url
        for _ in 0...WebSeedLimits.redirects {
            guard let running = client.running else { throw CancellationError() }
            let request = makeRequest(target, range, from: route.source)
            let response = try await running.execute(request, timeout: TimeAmount(WebSeedLimits.answerTimeout))
            guard let location = response.redirection else {
                try check(response, range, size: size, target)
                return try await receiveAll(range.count, of: response.body, target, receive)
            }
            target = try await follow(location, by: route)
        }
        throw WebSeedFailure("more than \(WebSeedLimits.redirects) redirects from \(url)")
    }

    private func makeRequest(_ url: String, _ range: Range<Int>, from source: IPAddress?) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "User-Agent", value: LazyHTTPClient.userAgent)
        request.headers.add(name: "Range", value: "bytes=\(range.lowerBound)-\(range.upperBound - 1)")
        request.localAddress = source.map { "\($0)" }
        return request
    }

    private func follow(_ location: String, by route: Route) async throws -> String {
        do {
            let target = try route.url.resolving(redirect: location)
            let addresses = try await lookUp(target).map(\.address)
            try target.checkWay(from: route.url, at: route.addresses, to: addresses)
            try target.checkWebSeed(reaching: addresses)
            return target.text
        } catch let error as TrackerFailure {
            throw WebSeedFailure(error.message, isFinal: true)
        }
    }

    /// Whether the answer begins with the bytes that were asked for.
    private func check(_ response: HTTPClientResponse, _ range: Range<Int>, size: Int, _ url: String) throws {
        switch response.status {
        case .partialContent:
            guard let said = response.headers.first(name: "Content-Range").flatMap(ContentRange.init),
                said.bytes.lowerBound == range.lowerBound, said.bytes.upperBound < range.upperBound
            else { throw WebSeedFailure("other bytes than asked for, of \(url)", isFinal: true) }
            guard said.total == nil || said.total == size else {
                throw WebSeedFailure("the file at \(url) has another size", isFinal: true)
            }
        case .ok:
            // It does not know ranges; what it sends begins with the file's first byte.
            guard range.lowerBound == 0, range.count == size else {
                throw WebSeedFailure("\(url) can't be had in parts", isFinal: true)
            }
        default:
            let isFinal = (400..<500).contains(response.status.code) && ![408, 425, 429].contains(response.status.code)
            throw WebSeedFailure("HTTP status \(response.status.code) for \(url)", isFinal: isFinal)
        }
    }

    private func receiveAll(
        _ byteCount: Int,
        of body: HTTPClientResponse.Body,
        _ url: String,
        _ receive: (ByteBuffer) async throws -> Void
    ) async throws {
        var left = byteCount
        for try await var chunk in body {
            guard chunk.readableBytes <= left else { throw WebSeedFailure("too much came of \(url)", isFinal: true) }
            left -= chunk.readableBytes
            if let bytes = chunk.readSlice(length: chunk.readableBytes) { try await receive(bytes) }
        }
        guard left == 0 else { throw WebSeedFailure("\(left) bytes are missing of \(url)") }
    }

    private static func makeConfiguration() -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = TimeAmount(WebSeedLimits.connectTimeout)
        configuration.timeout.read = TimeAmount(WebSeedLimits.readTimeout)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 4 * WebSeedLimits.requestsAtOnce
        // One that can't be reached is tried again by the torrent, at its own pace.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return configuration
    }
}

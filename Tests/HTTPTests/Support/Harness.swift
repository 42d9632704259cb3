// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire
import Synchronization

@testable import RucheHTTP

/// Names that the test defines; each lookup may have another result.
final class TestResolver: HostResolver {
    private let answer: @Sendable (_ name: String, _ question: Int) -> [IPAddress]
    private let count = Mutex(0)

    init(_ answer: @escaping @Sendable (_ name: String, _ question: Int) -> [IPAddress]) { self.answer = answer }

    var questionCount: Int { count.withLock { $0 } }

    func addresses(of name: String, within limit: Interval) async -> [IPAddress] {
        if let address = IPAddress(name) { return [address] }
        let question = count.withLock { count in
            count += 1
            return count
        }
        return answer(name, question)
    }
}

extension IPAddress {
    static let loopback = IPAddress(v4: 0x7f00_0001)
}

/// Runs a test with its own loops and client, which stop afterwards. Every name resolves to this machine.
func withClient<R>(
    binding: LocalBinding = .init(),
    resolver: any HostResolver = TestResolver { _, _ in [.loopback] },
    trusting certificate: String? = nil,
    limits: HTTPLimits = .init(),
    _ body: (HTTPClient, TransportRuntime) async throws -> R
) async throws -> R {
    let runtime = TransportRuntime(loopCount: 2, blockingThreadCount: 1)
    let client = HTTPClient(
        binding: binding,
        runtime: runtime,
        resolver: resolver,
        trustedCertificates: certificate.map { Array($0.utf8) },
        limits: limits
    )
    let result: Result<R, any Error>
    do { result = .success(try await body(client, runtime)) } catch { result = .failure(error) }
    await client.shutdown()
    await runtime.shutdown()
    return try result.get()
}

extension HTTPClient {
    /// Returns the body at `url` as text.
    func text(_ url: String, _ change: (inout HTTPRequest) -> Void = { _ in }, limit: Int = 1 << 20) async throws
        -> String
    {
        var request = HTTPRequest(try ServiceURL(url), for: .unrestricted)
        change(&request)
        return try await get(request) { String(buffer: try await $0.collect(upTo: limit)) }
    }
}

/// Returns the code with which `body` fails; nil if it succeeds.
func failure<R>(_ body: () async throws -> R) async -> HTTPError.Code? {
    do {
        _ = try await body()
        return nil
    } catch {
        return (error as? HTTPError)?.code
    }
}

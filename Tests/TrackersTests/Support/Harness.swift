// SPDX-License-Identifier: Apache-2.0

import Logging
import RucheCrypto
import RucheTransport
import RucheWire

@testable import RucheTrackers

extension IPAddress {
    static let loopbackV4 = IPAddress(v4: 0x7f00_0001)
    static let loopbackV6 = IPAddress(v6High: 0, low: 1)
}

/// Runs a test with its own loops and client, which stop afterwards.
func withClient<R>(
    binding: LocalBinding = .init(),
    resolver: any HostResolver = SystemResolver(),
    limits: TrackerLimits = .init(),
    _ body: (TrackerClient, TransportRuntime) async throws -> R
) async throws -> R {
    let runtime = TransportRuntime(loopCount: 2, blockingThreadCount: 1)
    let datagrams = try await UDPPort.open(binding: binding, runtime: runtime)
    let client = TrackerClient(
        binding: binding,
        datagrams: datagrams,
        runtime: runtime,
        logger: Logger(label: "test"),
        resolver: resolver,
        limits: limits
    )
    let result: Result<R, any Error>
    do { result = .success(try await body(client, runtime)) } catch { result = .failure(error) }
    await client.shutdown()
    await datagrams.close()
    await runtime.shutdown()
    return try result.get()
}

/// Names that the test defines.
struct NamedHosts: HostResolver {
    let answer: @Sendable (_ name: String) -> [IPAddress]

    func addresses(of name: String, within limit: Interval) async -> [IPAddress] {
        IPAddress(name).map { [$0] } ?? answer(name)
    }
}

/// Names whose server is silent until `endSilence` is called.
final class SilentHosts: HostResolver {
    private let silence: Task<Void, Never>
    private let end: AsyncStream<Never>.Continuation

    init() {
        let (stream, end) = AsyncStream.makeStream(of: Never.self)
        self.end = end
        silence = Task { for await _ in stream {} }
    }

    /// Resolves every name to this machine from now on.
    func endSilence() { end.finish() }

    func addresses(of name: String, within limit: Interval) async throws(TransportError) -> [IPAddress] {
        if let address = IPAddress(name) { return [address] }
        guard await Deadline.wait(atMost: limit, for: { await self.silence.value }) != nil else {
            throw TransportError(.timeout, name)
        }
        return [.loopbackV4]
    }
}

/// Returns the code with which `body` fails; nil if it succeeds.
func failure<R>(_ body: () async throws -> R) async -> TrackerError.Code? {
    do {
        _ = try await body()
        return nil
    } catch {
        return (error as? TrackerError)?.code
    }
}

func makeRequest(
    _ infoHash: SHA1Digest = SHA1Digest(),
    id: UInt8 = 1,
    port: UInt16 = 1,
    left: Int = 1,
    event: AnnounceRequest.Event = .started
) -> AnnounceRequest {
    let peerID = PeerID(SHA1Digest(Array(repeating: id, count: 20)) ?? SHA1Digest())
    return AnnounceRequest(
        infoHash: infoHash,
        peerID: peerID,
        port: port,
        leftByteCount: left,
        event: event,
        key: UInt32(id)
    )
}

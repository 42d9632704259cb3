// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import RucheCrypto
import RucheTransport
import RucheWire

/// Runs a test with loops of its own, which stop afterwards.
func withRuntime<R>(
    loops: Int = 2,
    limits: TransportLimits = .patient,
    _ body: (TransportRuntime) async throws -> R
) async throws -> R {
    let runtime = TransportRuntime(loopCount: loops, blockingThreadCount: 1, limits: limits)
    do {
        let result = try await body(runtime)
        await runtime.shutdown()
        return result
    } catch {
        await runtime.shutdown()
        throw error
    }
}

/// Runs a test with a listener that puts whoever names a swarm into an inbox.
func withListener<R>(
    _ runtime: TransportRuntime,
    _ options: PeerListener.Options = .init(binding: .loopback),
    _ body: (PeerListener, Inbox<IncomingPeer>) async throws -> R
) async throws -> R {
    let peers = Inbox<IncomingPeer>()
    let listener = try PeerListener(options, runtime: runtime) { peers.append([$0]) }
    do {
        let result = try await body(listener, peers)
        await listener.close()
        return result
    } catch {
        await listener.close()
        throw error
    }
}

extension TransportLimits {
    /// For tests of other things than deadlines: a busy machine is slow.
    static let patient = {
        var limits = TransportLimits()
        limits.incomingDeadline = .minutes(10)
        limits.connectTimeout = .minutes(10)
        limits.encryptionTimeout = .minutes(10)
        limits.openingPatience = .minutes(10)
        return limits
    }()
}

extension LocalBinding {
    static let loopback = LocalBinding(addresses: [.loopbackV4])
}

extension IPAddress {
    static let loopbackV4 = IPAddress(v4: 0x7f00_0001)
    static let loopbackV6 = IPAddress(v6High: 0, low: 1)
}

extension SHA1Digest {
    static let swarm = SHA1Digest(Array(1...20))!
}

/// A handshake of `infoHash` with some peer id, as bytes.
func handshakeBytes(_ infoHash: SHA1Digest = .swarm) -> [UInt8] {
    var buffer = ByteBuffer()
    Handshake(capabilities: [.fast], infoHash: infoHash, peerID: PeerID(SHA1Digest())).encode(into: &buffer)
    return Array(buffer: buffer)
}

/// A plain connection that knows nothing of Ruche.
struct RawClient: Sendable {
    let channel: any Channel
    let inbox = Inbox<UInt8>()

    init(to endpoint: PeerEndpoint, on runtime: TransportRuntime) async throws {
        let inbox = inbox
        channel = try await ClientBootstrap(group: runtime.loops[0])
            .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(InboxHandler(inbox))
                }
            }
            .connect(to: SocketAddress(endpoint)).get()
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }
}

/// Reads into `inbox`.
func read(into inbox: Inbox<UInt8>) -> PeerConnection.Configure {
    { try $0.channel.pipeline.syncOperations.addHandler(InboxHandler(inbox)) }
}

/// Deterministic filler, different at every place that a test is likely to mix up.
func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
}

/// The code with which `body` fails; nil where it doesn't.
func failure<R>(_ body: () async throws -> R) async -> TransportError.Code? {
    do {
        _ = try await body()
        return nil
    } catch {
        return (error as? TransportError)?.code
    }
}

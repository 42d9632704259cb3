// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import RucheCrypto
import RucheTransport
import RucheWire

/// Runs a test with its own loops, which stop afterwards.
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

/// A TCP listener for tests.
struct TestListener: Sendable {
    let listener: PeerListener
    let transport: TCPTransport
    let endpoints: [PeerEndpoint]

    /// How to listen.
    struct Options: Sendable {
        var binding = LocalBinding.loopback
        var port: UInt16 = 0
        var encryption = EncryptionPolicy.prefer
        var blocked = BlockedAddresses()
        var findTorrent: @Sendable (SHA1Digest) -> SHA1Digest? = { _ in nil }
    }

    init(
        _ options: Options = .init(),
        runtime: TransportRuntime,
        onPeer: @escaping @Sendable (IncomingPeer) -> Void
    ) async throws {
        let welcome = PeerListener.Options(
            policy: options.encryption.channels,
            blocked: options.blocked,
            findTorrent: options.findTorrent
        )
        listener = PeerListener(welcome, runtime: runtime, onPeer: onPeer)
        transport = TCPTransport(.init(binding: options.binding, port: options.port), runtime: runtime)
        endpoints = try await listener.listen(by: transport)
    }

    var port: UInt16 { endpoints[0].port }
    var pendingCount: Int { listener.pendingCount }
    var turnedAwayCount: Int { listener.turnedAwayCount }

    func close() async {
        listener.close()
        await transport.close()
    }
}

/// Runs a test with a listener that puts peers that name a swarm into an inbox.
func withListener<R>(
    _ runtime: TransportRuntime,
    _ options: TestListener.Options = .init(),
    _ body: (TestListener, Inbox<IncomingPeer>) async throws -> R
) async throws -> R {
    let peers = Inbox<IncomingPeer>()
    let listener = try await TestListener(options, runtime: runtime) { peers.append([$0]) }
    do {
        let result = try await body(listener, peers)
        await listener.close()
        return result
    } catch {
        await listener.close()
        throw error
    }
}

/// Creates a dialler over TCP.
func makeDialer(
    _ encryption: EncryptionPolicy = .prefer,
    binding: LocalBinding = .init(),
    _ runtime: TransportRuntime
) -> PeerDialer {
    PeerDialer(
        over: [TCPTransport(.init(binding: binding), runtime: runtime)],
        policy: encryption.channels,
        runtime: runtime
    )
}

extension TransportLimits {
    /// For tests that are not about deadlines, because a busy machine is slow.
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

/// Returns a handshake for `infoHash` with some peer id, as bytes.
func handshakeBytes(_ infoHash: SHA1Digest = .swarm) -> [UInt8] {
    var buffer = ByteBuffer()
    Handshake(capabilities: [.fast], infoHash: infoHash, peerID: PeerID(SHA1Digest())).encode(into: &buffer)
    return Array(buffer: buffer)
}

/// A plain connection that does not use Ruche.
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
func read(into inbox: Inbox<UInt8>, tags: Inbox<UInt32> = .init()) -> PeerConnection.Configure {
    { connection in
        let sink = InboxSink(connection, inbox, tags: tags)
        connection.stream.attach(sink)
        return sink
    }
}

/// Reads and drops what arrives.
let ignore: PeerConnection.Configure = read(into: Inbox())

/// Returns deterministic bytes, different at every place that a test is likely to confuse.
func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
}

/// Returns the code with which `body` fails; nil if it succeeds.
func failure<R>(_ body: () async throws -> R) async -> TransportError.Code? {
    do {
        _ = try await body()
        return nil
    } catch {
        return (error as? TransportError)?.code
    }
}

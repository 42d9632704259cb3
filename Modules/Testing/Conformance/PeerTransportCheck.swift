// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
public import RucheTransport
internal import RucheWire

/// Checks a transport against what `PeerTransport` and `PeerStream` promise, and returns what it breaks; empty if it conforms.
///
/// Connects `dialling` to `listening`, two transports of one kind that the caller has created on `runtime` and closes
/// later. `runtime` needs two loops. It waits for what must happen, so give the test that calls this a time limit.
///
/// - Throws: `TransportError` if `listening` cannot listen, or a connection cannot be opened.
public func checkPeerTransport(
    dialling: any PeerTransport,
    listening: any PeerTransport,
    runtime: TransportRuntime
) async throws -> [String] {
    let check = PeerTransportCheck(dialling: dialling, runtime: runtime)
    let endpoints = try await check.listener.listen(by: listening)
    guard let endpoint = endpoints.first else { return ["listen names no endpoint"] }
    check.expect(dialling.kind == listening.kind && dialling.canReach(endpoint), "it cannot reach its own kind")
    for (index, loop) in runtime.loops.enumerated() {
        let pair = try await check.connect(to: endpoint, at: runtime.loops[0], adoptedOn: loop)
        check.lookAt(pair, loop: loop)
        await check.transfer(from: pair.dialled, to: pair.accepted, "dialler to listener, loop \(index)")
        await check.transfer(from: pair.accepted, to: pair.dialled, "listener to dialler, loop \(index)")
        await check.hangUp(closing: index == 0 ? pair.dialled : pair.accepted, pair)
    }
    try await check.closeWithUnsentBytes(endpoint)
    await check.cancel(dialling, endpoint)
    let survivor = try await check.connect(to: endpoint, at: runtime.loops[0], adoptedOn: runtime.loops[0])
    check.listener.close()
    await listening.close()
    await check.transfer(from: survivor.dialled, to: survivor.accepted, "after the listener has closed")
    await survivor.dialled.close()
    return check.violations.withLock { $0 }
}

/// What has been found so far about one transport.
private final class PeerTransportCheck: Sendable {
    typealias Pair = (dialled: StreamRecorder, accepted: StreamRecorder)

    let violations = Locked<[String]>([])
    let listener: PeerListener
    private let dialer: PeerDialer
    private let kind: TransportKind
    private let strangers = Strangers()
    private let home: any EventLoop

    init(dialling: any PeerTransport, runtime: TransportRuntime) {
        home = runtime.loops[0]
        kind = dialling.kind
        listener = PeerListener(.init(), runtime: runtime) { [strangers] in strangers.append($0) }
        dialer = PeerDialer(over: [dialling], policy: EncryptionPolicy.off.channels, runtime: runtime)
    }

    func expect(_ condition: Bool, _ violation: @autoclosure () -> String) {
        guard !condition else { return }
        let text = "\(kind): \(violation())"
        violations.withLock { if $0.count < 20 { $0.append(text) } }
    }

    // MARK: - Steps

    /// Dials from `loop`, sends a greeting, and adopts the stream on another loop.
    func connect(
        to endpoint: PeerEndpoint,
        at loop: any EventLoop,
        adoptedOn home: any EventLoop,
        acceptedReads: Bool = true
    ) async throws -> Pair {
        let swarm = SHA1Digest()
        let pair = SharedPair()
        _ = try await dialer.dial(endpoint, infoHash: swarm, on: loop) { connection in
            let recorder = StreamRecorder.configure(connection)
            pair.dialled.withLock { $0 = recorder }
            return recorder
        }.get()
        guard let dialled = pair.dialled.withLock({ $0 }) else { throw TransportError(.closed, "connect") }
        var hello = ByteBuffer()
        Handshake(capabilities: [], infoHash: swarm, peerID: PeerID(SHA1Digest())).encode(into: &hello)
        await dialled.write([Array(buffer: hello)])
        let stranger = try await strangers.next()
        _ = try await stranger.adopt(on: home) { connection in
            let recorder = StreamRecorder.configure(connection, reads: acceptedReads)
            pair.accepted.withLock { $0 = recorder }
            return recorder
        }.get()
        guard let accepted = pair.accepted.withLock({ $0 }) else { throw TransportError(.closed, "adopt") }
        let greeted = await accepted.record { $0.bytes.count >= 68 }
        expect(greeted.bytes == Array(buffer: hello), "what was read before the move does not come out after it")
        return (dialled, accepted)
    }

    func lookAt(_ pair: Pair, loop: any EventLoop) {
        expect(pair.accepted.stream.loop === loop, "a stream does not move to the loop that it is told")
        let (mine, theirs) = (pair.dialled.stream.facts, pair.accepted.stream.facts)
        expect(mine.kind == kind && theirs.kind == kind, "a stream is of another kind than its transport")
        expect(!mine.isIncoming && theirs.isIncoming, "a stream does not know who dialled")
    }

    func transfer(from sender: StreamRecorder, to receiver: StreamRecorder, _ way: String) async {
        let earlier = await receiver.record { _ in true }
        let earlierTags = await sender.record { _ in true }.tags.count
        let stretches = [1, 0, 100, 16_397, 262_352, 3, 40_000].map { count in
            (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        }
        let sent = Array(stretches.joined())
        await sender.write(stretches)
        let received = await receiver.record { $0.bytes.count >= earlier.bytes.count + sent.count }
        expect(
            Array(received.bytes.dropFirst(earlier.bytes.count)) == sent,
            "\(way): other bytes arrive than were sent"
        )
        let written = await sender.record { $0.tags.count >= earlierTags + stretches.count }
        expect(
            Array(written.tags.dropFirst(earlierTags)) == stretches.indices.map { UInt32($0) },
            "\(way): tags come back as \(written.tags.dropFirst(earlierTags))"
        )
    }

    func hangUp(closing first: StreamRecorder, _ pair: Pair) async {
        await first.close()
        await first.close()
        for recorder in [pair.dialled, pair.accepted] {
            let record = await recorder.record { _ in false }
            expect(record.closedCount == 1, "a sink is told \(record.closedCount) times that its stream is closed")
            expect(!record.isOutspoken, "a sink is told more after the end")
        }
    }

    /// Writes far more than the other side reads, and closes: every tag is returned, in order, before the end.
    func closeWithUnsentBytes(_ endpoint: PeerEndpoint) async throws {
        let pair = try await connect(to: endpoint, at: home, adoptedOn: home, acceptedReads: false)
        let stretches = Array(repeating: [UInt8](repeating: 7, count: 1 << 20), count: 64)
        let already = await pair.dialled.record { _ in true }.tags.count
        await pair.dialled.write(stretches)
        await pair.dialled.close()
        let record = await pair.dialled.record { _ in false }
        expect(
            Array(record.tags.dropFirst(already)) == stretches.indices.map { UInt32($0) },
            "a closed stream gives tags back as \(record.tags.dropFirst(already))"
        )
        expect(record.closedCount == 1 && !record.isOutspoken, "a sink is told more after the end")
        await pair.accepted.close()
    }

    /// A dial that is given up ends once.
    func cancel(_ transport: any PeerTransport, _ endpoint: PeerEndpoint) async {
        let dial = PeerDial(remote: endpoint, swarm: SHA1Digest(), timeout: .seconds(Int64(60)))
        let home = home
        await withCheckedContinuation { continuation in
            let ticket = transport.dial(dial, on: home) { result in
                if case .success(let stream) = result { stream.close() }
                continuation.resume()
            }
            ticket.cancel()
            ticket.cancel()
        }
    }
}

/// Both ends of one connection, as they come to be.
private final class SharedPair: Sendable {
    let dialled = Locked<StreamRecorder?>(nil)
    let accepted = Locked<StreamRecorder?>(nil)
}

/// Strangers that have named a swarm, one after the other.
private final class Strangers: Sendable {
    private let stream: AsyncStream<IncomingPeer>
    private let continuation: AsyncStream<IncomingPeer>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(of: IncomingPeer.self) }

    func append(_ peer: IncomingPeer) { continuation.yield(peer) }

    func next() async throws(TransportError) -> IncomingPeer {
        for await peer in stream { return peer }
        throw TransportError(.closed, "wait for a stranger")
    }
}

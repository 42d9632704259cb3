// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTesting
import RucheTransport
import RucheWire
import Testing

@Suite struct VirtualTransportTests {
    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `It keeps what transports promise`(seed: UInt64) throws {
        let network = VirtualNetwork(seed: seed)
        let (near, far) = (network.addHost(), network.addHost())
        let runtime = TransportRuntime(on: near.makeRuntime(loopCount: 2))
        let (dialling, listening) = (VirtualTransport(near), VirtualTransport(far, port: 80))
        let violations = try network.perform {
            try await checkPeerTransport(dialling: dialling, listening: listening, runtime: runtime)
        }
        #expect(violations.isEmpty, "\(violations)")
    }

    @Test func `A sink that does not read never gets more than a full window`() throws {
        let network = VirtualNetwork(seed: 3)
        let (near, far) = (network.addHost(), network.addHost())
        let door = SilentDoor(TransportRuntime(on: far.makeRuntime()))
        let listening = VirtualTransport(far, port: 80)
        let endpoint = try #require(try network.perform { try await listening.listen(door) }.first)
        let dial = PeerDial(remote: endpoint, swarm: SHA1Digest(), timeout: .seconds(Int64(10)))
        let sender = StreamKeeper()
        _ = VirtualTransport(near).dial(dial, on: near.loop) { sender.stream = try? $0.get() }
        network.run(for: .seconds(1))
        let stream = try #require(sender.stream)
        stream.write(ByteBuffer(repeating: 7, count: 1 << 20), tag: nil)
        stream.flush()
        network.run(for: .minutes(1))
        #expect(!stream.isWritable)
        #expect(stream.unsentByteCount == 1 << 20 - network.conditions.streamWindowBytes)
        #expect(near.sentByteCount < network.conditions.streamWindowBytes + network.conditions.segmentBytes)
    }

    @Test func `A dial that nobody answers ends at its deadline`() {
        let network = VirtualNetwork(seed: 1)
        let host = network.addHost()
        let loop = host.loop
        let nobody = PeerEndpoint(address: IPAddress(v4: 0x0a01_0101), port: 1)
        let dial = PeerDial(remote: nobody, swarm: SHA1Digest(), timeout: .seconds(Int64(4)))
        let keeper = StreamKeeper()
        _ = VirtualTransport(host).dial(dial, on: loop) { result in
            if case .failure(let error) = result { keeper.failure = (error.code, Instant(loop.now)) }
        }
        network.run(for: .minutes(1))
        #expect(keeper.failure?.code == .timeout)
        #expect(keeper.failure?.at == .zero + .seconds(4))
    }
}

/// A door whose strangers are let in, and never read from.
private final class SilentDoor: PeerDoor {
    private let listener: PeerListener

    init(_ runtime: TransportRuntime) { listener = PeerListener(.init(), runtime: runtime) { $0.reject() } }

    func admit(_ remote: PeerEndpoint) -> StrangerPass? { listener.entrance.admit(remote) }
    func enter(_ stream: any AcceptedStream, with pass: StrangerPass) {}
}

private final class StreamKeeper: @unchecked Sendable {  // confined to the network's thread
    var stream: (any PeerStream)?
    var failure: (code: TransportError.Code, at: Instant)?
}

// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire
import Testing

/// Datagrams through a SOCKS proxy (RFC 1928 section 7). Whole downloads through proxies are in `make interop`.
struct ProxyDatagramTests {
    private static let remote = PeerEndpoint("10.0.0.1:6881")

    @Test func anAssociationNamesItsRelay() throws {
        var handshake = SOCKSHandshake(associatingWith: nil)
        var input = ByteBuffer(bytes: [5, 0])
        #expect(Array(handshake.makeGreeting().readableBytesView) == [5, 1, 0])
        let request = try handshake.handle(&input)
        #expect(request.map { Array($0.readableBytesView) } == [5, 3, 0, 1, 0, 0, 0, 0, 0, 0])
        input.writeBytes([5, 0, 0, 1, 10, 0, 0, 1, 0x1a])
        #expect(try handshake.handle(&input) == nil)
        #expect(!handshake.isDone)
        input.writeBytes([0xe1])
        #expect(try handshake.handle(&input) == nil)
        #expect(handshake.isDone)
        #expect(handshake.bound == Self.remote)
    }

    @Test func aProxyMayRefuseToRelay() throws {
        var handshake = SOCKSHandshake(associatingWith: nil)
        var input = ByteBuffer(bytes: [5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0])
        _ = try handshake.handle(&input)
        let error = #expect(throws: ProxyError.self) { try handshake.handle(&input) }
        #expect(error?.code == .denied)
    }

    @Test(
        arguments: [
            ("10.0.0.1:6881", [0, 0, 0, 1, 10, 0, 0, 1, 0x1a, 0xe1]),
            (
                "[2001:db8::1]:6881",
                [0, 0, 0, 4, 0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [1, 0x1a, 0xe1]
            ),
        ] as [(String, [UInt8])]
    )
    func datagramsNameTheirTargets(text: String, header: [UInt8]) throws {
        let endpoint = try #require(PeerEndpoint(text))
        let datagram = SOCKSDatagram(to: .endpoint(endpoint), ByteBuffer(string: "hello"))
        var bytes = ByteBuffer()
        datagram.write(to: &bytes)
        #expect(Array(bytes.readableBytesView) == header + Array("hello".utf8))
        #expect(SOCKSDatagram(parsing: bytes) == datagram)
    }

    @Test func aNameIsSentAsAName() {
        let datagram = SOCKSDatagram(to: .name("ab", port: 258), ByteBuffer())
        var bytes = ByteBuffer()
        datagram.write(to: &bytes)
        #expect(Array(bytes.readableBytesView) == [0, 0, 0, 3, 2, 0x61, 0x62, 1, 2])
        #expect(SOCKSDatagram(parsing: bytes) == datagram)
    }

    @Test(
        arguments: [
            [], [0, 0], [0, 0, 1, 1, 10, 0, 0, 1, 4, 56], [0, 0, 0, 9, 10, 0, 0, 1, 4, 56],
            [0, 0, 0, 1, 10, 0, 0, 1, 4],
            [0, 0, 0, 3, 9, 0x61, 4, 56], [0, 0, 0, 4] + [UInt8](repeating: 1, count: 17),
        ] as [[UInt8]]
    )
    func partsAndNoiseAreDropped(bytes: [UInt8]) {
        #expect(SOCKSDatagram(parsing: ByteBuffer(bytes: bytes)) == nil)
    }

    /// Only a sender that was not asked by its address can be behind a name, and only at the name's port, and soon.
    @Test func responsesOfNamesAreRecognised() throws {
        let standIn = try #require(PeerEndpoint("240.0.0.1:6881"))
        let (remote, other) = (try #require(Self.remote), try #require(PeerEndpoint("10.0.0.2:6881")))
        let elsewhere = try #require(PeerEndpoint("10.0.0.2:6882"))
        let now = Instant.zero
        var senders = ProxySenders()
        #expect(senders.target(answeredBy: other, at: now) == other)
        senders.noteSent(to: standIn, isStandIn: true, at: now)
        senders.noteSent(to: remote, isStandIn: false, at: now)
        #expect(senders.target(answeredBy: other, at: now) == standIn)
        #expect(senders.target(answeredBy: remote, at: now) == remote)
        #expect(senders.target(answeredBy: elsewhere, at: now) == elsewhere)
        #expect(senders.target(answeredBy: other, at: now + .seconds(61)) == other)
    }

    /// What is remembered does not grow without end.
    @Test func memoryIsBounded() throws {
        let first = try #require(Self.remote)
        let standIn = try #require(PeerEndpoint("240.0.0.1:6881"))
        var senders = ProxySenders()
        senders.noteSent(to: first, isStandIn: false, at: .zero)
        for number in 0..<10_000 {
            let address = IPAddress(v4: 0x0b00_0000 + UInt32(number))
            senders.noteSent(to: PeerEndpoint(address: address, port: 1), isStandIn: false, at: .zero)
        }
        senders.noteSent(to: standIn, isStandIn: true, at: .zero)
        #expect(senders.target(answeredBy: first, at: .zero) == standIn, "the first one is forgotten")
        for number in 0..<100 {
            let address = IPAddress(v4: 0xf000_0100 + UInt32(number))
            senders.noteSent(to: PeerEndpoint(address: address, port: 2), isStandIn: true, at: .zero)
        }
        #expect(senders.target(answeredBy: first, at: .zero) == first)
    }
}

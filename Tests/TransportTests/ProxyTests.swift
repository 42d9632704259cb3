// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire
import Testing

/// What is said to proxies (RFC 1928, RFC 1929, RFC 9110).
struct ProxyTests {
    private static let target = ProxyTarget.name("tracker.example", port: 6969)
    private static let login = ProxyLogin(user: "me", password: "open sesame")

    /// A proxy's side: its messages, and the answer that is expected to each; then what the target sends.
    private struct Script: Sendable {
        let greeting: [UInt8]
        var steps: [(says: [UInt8], gets: [UInt8])]
    }

    private static let name = Array("tracker.example".utf8)
    private static let request = [5, 1, 0, 3, 15] + name + [0x1b, 0x39]
    private static let accepted: [UInt8] = [5, 0, 0, 1, 10, 0, 0, 1, 4, 56]
    private static let password = [1, 2] + Array("me".utf8) + [11] + Array("open sesame".utf8)

    private static let plain = Script(greeting: [5, 1, 0], steps: [([5, 0], request), (accepted, [])])
    private static let guarded = Script(
        greeting: [5, 2, 0, 2],
        steps: [([5, 2], password), ([1, 0], request), ([5, 0, 0, 3, 2, 0x61, 0x62, 1, 2], [])]
    )

    private static let connect = Script(
        greeting: Array(
            """
            CONNECT tracker.example:6969 HTTP/1.1\r
            Host: tracker.example:6969\r
            Proxy-Authorization: Basic bWU6b3BlbiBzZXNhbWU=\r
            \r

            """.utf8
        ),
        steps: [(Array("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n".utf8), [])]
    )

    /// Plays a script in parts of `length` bytes. What the target sends stays in the input.
    private static func play(_ script: Script, _ handshake: any ProxyHandshake, inPartsOf length: Int) throws {
        var handshake = handshake
        #expect(Array(handshake.makeGreeting().readableBytesView) == script.greeting)
        var input = ByteBuffer()
        for (number, step) in script.steps.enumerated() {
            #expect(!handshake.isDone)
            let isLast = number == script.steps.count - 1
            let bytes = step.says + (isLast ? Array("hello".utf8) : [])
            var answer: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: length) {
                input.writeBytes(bytes[start..<min(start + length, bytes.count)])
                if let out = try handshake.handle(&input) { answer += out.readableBytesView }
            }
            #expect(answer == step.gets)
        }
        #expect(handshake.isDone)
        #expect(String(buffer: input) == "hello")
    }

    @Test(arguments: [1, 2, 3, 1_000])
    func connectionsOpenHoweverMessagesAreCut(length: Int) throws {
        try Self.play(Self.plain, SOCKSHandshake(to: Self.target, login: nil), inPartsOf: length)
        try Self.play(Self.guarded, SOCKSHandshake(to: Self.target, login: Self.login), inPartsOf: length)
        try Self.play(Self.connect, HTTPConnectHandshake(to: Self.target, login: Self.login), inPartsOf: length)
    }

    @Test func addressesAreSentAsAddresses() throws {
        for (text, bytes) in [
            ("10.0.0.1:6881", [5, 1, 0, 1, 10, 0, 0, 1, 0x1a, 0xe1]),
            (
                "[2001:db8::1]:6881",
                [5, 1, 0, 4, 0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [1, 0x1a, 0xe1]
            ),
        ] as [(String, [UInt8])] {
            let endpoint = try #require(PeerEndpoint(text))
            var socks = SOCKSHandshake(to: .endpoint(endpoint), login: nil)
            var input = ByteBuffer(bytes: [5, 0])
            #expect(try socks.handle(&input).map { Array($0.readableBytesView) } == bytes)
            let http = HTTPConnectHandshake(to: .endpoint(endpoint), login: nil)
            #expect(String(buffer: http.makeGreeting()).hasPrefix("CONNECT \(text) HTTP/1.1\r\n"))
        }
    }

    @Test(
        arguments: [
            ([4, 0], .notSpoken), ([5, 0xff], .loginRefused), ([5, 2], .loginRefused),
            ([5, 0, 5, 5, 0, 1, 0], .refused),
            ([5, 0, 5, 4, 0, 1, 0], .unreachable), ([5, 0, 5, 2, 0, 1, 0], .denied),
            ([5, 0, 5, 0, 0, 9, 0], .notSpoken),
        ] as [([UInt8], ProxyError.Code)]
    )
    func refusalsHaveReasons(bytes: [UInt8], code: ProxyError.Code) throws {
        var handshake = SOCKSHandshake(to: Self.target, login: nil)
        var input = ByteBuffer(bytes: bytes)
        let error = #expect(throws: ProxyError.self) {
            _ = try handshake.handle(&input)
            _ = try handshake.handle(&input)
        }
        #expect(error?.code == code)
    }

    @Test(
        arguments: [
            ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", .loginRefused), ("HTTP/1.0 403\r\n\r\n", .denied),
            ("HTTP/1.1 502 x\r\n\r\n", .unreachable), ("SSH-2.0-x\r\n\r\n", .notSpoken),
            (String(repeating: "x", count: HTTPConnectHandshake.headByteCount + 1), .notSpoken),
        ] as [(String, ProxyError.Code)]
    )
    func responsesHaveReasons(text: String, code: ProxyError.Code) throws {
        var handshake = HTTPConnectHandshake(to: Self.target, login: nil)
        var input = ByteBuffer(string: text)
        let error = #expect(throws: ProxyError.self) { try handshake.handle(&input) }
        #expect(error?.code == code)
    }

    @Test(arguments: [ProxyRoute.Kind.socks5, .http])
    func aSilentProxyEndsTheDialInTime(kind: ProxyRoute.Kind) async throws {
        var limits = TransportLimits.patient
        limits.connectTimeout = .milliseconds(100)
        try await withRuntime(limits: limits) { runtime in
            let silent = try SilentServer()
            let binding = LocalBinding(proxy: ProxyRoute(kind, at: silent.endpoint))
            let target = PeerEndpoint(address: IPAddress(v4: 0xc000_0201), port: 6_881)
            let dialer = makeDialer(.off, binding: binding, runtime)
            let dial = dialer.dial(target, infoHash: .swarm, on: runtime.loops[0], configure: ignore)
            #expect(await failure { try await dial.get() } == .timeout)
            silent.stop()
        }
    }

    @Test func namesAreNotResolved() async throws {
        let names = ProxyNames(limit: 2)
        let first = try await names.addresses(of: "One.example", within: .seconds(1))
        #expect(first.count == 1 && first[0].isReserved)
        #expect(try await names.addresses(of: "one.example", within: .seconds(1)) == first)
        let second = try await names.addresses(of: "two.example", within: .seconds(1))
        #expect(second != first)
        #expect(try await names.addresses(of: "192.0.2.1", within: .seconds(1)).map(\.description) == ["192.0.2.1"])
        for odd in ["", "a b", "ä", "240.0.0.1", String(repeating: "x", count: 256)] {
            #expect(try await names.addresses(of: odd, within: .seconds(1)).isEmpty)
        }
        #expect(names.name(for: first[0]) == "one.example")
        _ = try await names.addresses(of: "three.example", within: .seconds(1))
        #expect(names.name(for: first[0]) == nil && names.name(for: second[0]) == "two.example")
    }
}

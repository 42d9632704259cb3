// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheTransport
import RucheWire
import Testing

@testable import RucheHTTP

@Suite(.timeLimit(.minutes(2))) struct DialTests {
    #if canImport(Glibc)
    @Test("A silent address delays no other, and its connection attempt is closed")
    func silentAddress() async throws {
        var limits = HTTPLimits()
        limits.connectTimeout = .minutes(5)
        let silent = IPAddress(v4: 0x7f00_0002)
        let resolver = TestResolver { _, _ in [silent, .loopback] }
        try await withClient(resolver: resolver, limits: limits) { client, runtime in
            let server = try await RawServer(on: runtime) { _ in [.answer("ok")] }
            let silence = try #require(SilentListener(address: silent, port: server.endpoint.port))
            #expect(try await client.text("http://two.test:\(server.endpoint.port)/") == "ok")
            while await client.connections.countOpen() > 1 { await Task.yield() }
            #expect(try await client.text("http://two.test:\(server.endpoint.port)/") == "ok")
            #expect(server.connectionCount == 1, "the one that opened is kept")
            silence.close()
            await server.close()
        }
    }

    @Test("Cancelling while all addresses are silent waits for none of them")
    func cancelled() async throws {
        var limits = HTTPLimits()
        limits.connectTimeout = .minutes(5)
        let silent = IPAddress(v4: 0x7f00_0003)
        try await withClient(resolver: TestResolver { _, _ in [silent] }, limits: limits) { client, _ in
            let silence = try #require(SilentListener(address: silent, port: 0))
            let url = "http://one.test:\(silence.port)/"
            let task = Task { try await client.text(url) }
            while await client.connections.countOpen() == 0 { await Task.yield() }
            task.cancel()
            #expect(await failure { try await task.value } == .stopped)
            #expect(await client.connections.countOpen() == 0)
            silence.close()
        }
    }
    #endif

    @Test("A resolver that cannot ask now differs from one that knows no such name")
    func resolver() async throws {
        for code in [TransportError.Code.exhausted, .timeout] {
            try await withClient(resolver: FailingResolver(code: code)) { client, _ in
                let expected: HTTPError.Code = code == .exhausted ? .exhausted : .timeout
                #expect(await failure { try await client.text("http://a.test/") } == expected)
            }
        }
    }
}

private struct FailingResolver: HostResolver {
    let code: TransportError.Code

    func addresses(of name: String, within limit: Interval) async throws(TransportError) -> [IPAddress] {
        throw TransportError(code, name)
    }
}

#if canImport(Glibc)
/// A listening socket whose queue is full: clients that connect get no answer.
private final class SilentListener {
    let port: UInt16
    private var sockets: [Int32] = []

    init?(address: IPAddress, port: UInt16) {
        let listener = Self.makeSocket()
        guard listener >= 0, Self.call(bind, listener, address, port) == 0, listen(listener, 0) == 0 else { return nil }
        var name = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        guard status == 0 else { return nil }
        self.port = UInt16(bigEndian: name.sin_port)
        sockets = [listener]
        for _ in 0..<4 {
            let client = Self.makeSocket()
            sockets.append(client)
            _ = Self.call(connect, client, address, self.port)
        }
    }

    func close() { for socket in sockets { _ = Glibc.close(socket) } }

    private static func makeSocket() -> Int32 {
        socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32,
        _ socket: Int32,
        _ address: IPAddress,
        _ port: UInt16
    ) -> Int32 {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        inet_pton(AF_INET, address.description, &name.sin_addr)
        return withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
#endif

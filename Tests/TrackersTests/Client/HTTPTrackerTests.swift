// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheHTTP
import RucheTransport
import RucheWire
import Synchronization
import Testing

@testable import RucheTrackers

@Suite struct HTTPTrackerTests {
    private static func localhostHasTwoFamilies() async -> Bool {
        Set(await NamedEndpoint(host: "localhost", port: 1).lookUp().map(\.address.isIPv4)).count == 2
    }

    private static let peer = PeerEndpoint(address: IPAddress(v4: 0x6162_6364), port: 0x6566)
    private static let good = "d8:intervali1800e5:peers6:abcdefe"

    @Test(arguments: [IPAddress.loopbackV4, .loopbackV6])
    func announcesAndScrapes(address: IPAddress) async throws {
        try await withClient { client, runtime in
            let server = try await HTTPServer(on: runtime, at: address) { target in
                let scrape = "d5:filesd20:\(String(repeating: "\0", count: 20))d8:completei7eeee"
                return HTTPServer.answer(target.hasPrefix("/scrape") ? scrape : Self.good)
            }
            let response = try await client.announce(makeRequest(port: 77), to: server.url("/announce?pass=x"))
            #expect(response.peers == [Self.peer])
            #expect(response.intervalSeconds == 1800)
            let head = try #require(server.heads.first)
            let hash = String(repeating: "%00", count: 20)
            #expect(head.hasPrefix("GET /announce?pass=x&info_hash=\(hash)&"))
            #expect(head.contains("&port=77&") && head.contains("&event=started&"))
            #expect(head.contains("User-Agent: \(HTTPRequest.userAgent)\r\n"))
            let scrape = try await client.scrape([SHA1Digest()], at: server.url())
            #expect(scrape.swarms[SHA1Digest()]?.seedCount == 7)
            #expect(
                await failure { try await client.scrape([SHA1Digest()], at: server.url("/announce/x")) } == .unfitURL
            )
            await server.close()
        }
    }

    @Test(arguments: HostileAnswer.allCases)
    fileprivate func hostileAnswersFail(answer: HostileAnswer) async throws {
        var limits = TrackerLimits()
        limits.answer.responseByteCount = 65_536
        try await withClient(limits: limits) { client, runtime in
            let server = try await HTTPServer(on: runtime) { _ in answer.bytes }
            #expect(await failure { try await client.announce(makeRequest(), to: server.url()) } == answer.code)
            #expect(server.heads.count <= limits.httpRedirects + 1)
            await server.close()
        }
    }

    @Test func redirectsAreFollowed() async throws {
        try await withClient { client, runtime in
            let server = try await HTTPServer(on: runtime) { target in
                guard target.hasPrefix("/announce/old") else { return HTTPServer.answer(Self.good) }
                return HTTPServer.answer("", status: "301 Moved", headers: ["Location: /announce?moved"])
            }
            let response = try await client.announce(makeRequest(), to: server.url("/announce/old"))
            #expect(response.peers == [Self.peer])
            #expect(server.heads.count == 2)
            await server.close()
        }
    }

    @Test func silenceEndsInTime() async throws {
        var limits = TrackerLimits()
        limits.httpTimeout = .milliseconds(200)
        try await withClient(limits: limits) { client, runtime in
            let server = try await HTTPServer(on: runtime) { _ in nil }
            #expect(await failure { try await client.announce(makeRequest(), to: server.url()) } == .timeout)
            await server.close()
        }
    }

    @Test("A server's request to wait is honoured")
    func retryAfter() async throws {
        try await withClient { client, runtime in
            let server = try await HTTPServer(on: runtime) { _ in
                HTTPServer.answer("busy", status: "503 Busy", headers: ["Retry-After: 77"])
            }
            let error = await #expect(throws: TrackerError.self) {
                try await client.announce(makeRequest(), to: server.url())
            }
            #expect(error?.code == .status && error?.retryAfterSeconds == 77)
            await server.close()
        }
    }

    @Test("A tracker whose name server is silent takes no turn from one whose name is resolved")
    func silentNames() async throws {
        var limits = TrackerLimits()
        limits.requests = 1
        let hosts = SilentHosts()
        try await withClient(resolver: hosts, limits: limits) { client, runtime in
            let server = try await HTTPServer(on: runtime) { _ in HTTPServer.answer(Self.good) }
            let stuck = Task { try await client.announce(makeRequest(), to: "http://silent.test/announce") }
            // The stuck one is in its lookup or has not started it; either must work.
            for _ in 0..<20 { await Task.yield() }
            #expect(try await client.announce(makeRequest(), to: server.url()).peers == [Self.peer])
            stuck.cancel()
            #expect(await failure { try await stuck.value } != nil)
            hosts.endSilence()
            await server.close()
        }
    }

    @Test("Peers named by host are resolved separately")
    func namedPeers() async throws {
        let resolver = NamedHosts { name in name == "peer.test" ? [IPAddress(v4: 0x0a00_0001)] : [] }
        try await withClient(resolver: resolver) { client, runtime in
            let list = "d2:ip9:peer.test4:porti7eed2:ip9:none.test4:porti8eed2:ip16:::ffff:192.0.2.14:porti9ee"
            let server = try await HTTPServer(on: runtime) { _ in HTTPServer.answer("d5:peersl\(list)ee") }
            let response = try await client.announce(makeRequest(), to: server.url())
            #expect(response.peers == ["192.0.2.1:9"].compactMap { PeerEndpoint($0) })
            let found = Mutex<[PeerEndpoint]>([])
            await client.lookUp(response.namedPeers) { peers in found.withLock { $0 += peers } }
            #expect(found.withLock { $0 } == ["10.0.0.1:7"].compactMap { PeerEndpoint($0) })
            await server.close()
        }
    }

    @Test func thisMachineIsAskedOnlyForAnnounces() async throws {
        try await withClient { client, runtime in
            let server = try await HTTPServer(on: runtime) { _ in HTTPServer.answer(Self.good) }
            #expect(await failure { try await client.announce(makeRequest(), to: server.url("/admin")) } == .unfitURL)
            #expect(server.heads.isEmpty)
            await server.close()
        }
    }

    @Test func bindingsHold() async throws {
        try await withClient(binding: LocalBinding(addresses: [.loopbackV6])) { client, runtime in
            let server = try await HTTPServer(on: runtime) { _ in HTTPServer.answer(Self.good) }
            #expect(await failure { try await client.announce(makeRequest(), to: server.url()) } == .localBinding)
            #expect(server.heads.isEmpty)
            await server.close()
        }
    }

    @Test(.enabled("localhost has one address family here") { await Self.localhostHasTwoFamilies() })
    func aNameWithTwoFamiliesIsAskedOverBoth() async throws {
        try await withClient { client, runtime in
            let server = try await HTTPServer(on: runtime) { _ in HTTPServer.answer(Self.good) }
            let url = "http://localhost:\(server.endpoint.port)/announce"
            #expect(try await client.announce(makeRequest(), to: url).peers == [Self.peer])
            #expect(server.heads.count == 1, "nothing listens on ::1, and no address is asked twice")
            await server.close()
        }
    }
}

private enum HostileAnswer: CaseIterable {
    case refusal, refusalWithStatus, status, page, nothing, nonsense, silence, long
    case redirectToFile, redirectToAnotherPath, redirectInCircles, brokenGzip

    var bytes: [UInt8] {
        switch self {
        case .refusal: HTTPServer.answer("d14:failure reason4:nopee")
        case .refusalWithStatus: HTTPServer.answer("d14:failure reason4:nopee", status: "403 Forbidden")
        case .status: HTTPServer.answer("<html>", status: "404 Not Found")
        case .page: HTTPServer.answer("<html>")
        case .nothing: HTTPServer.answer("")
        case .nonsense: Array("nonsense\r\n\r\n".utf8)
        case .silence: []
        case .long: HTTPServer.answer(Array(repeating: 0x64, count: 70_000))
        case .redirectToFile: redirect(to: "file:///etc/passwd")
        case .redirectToAnotherPath: redirect(to: "/shutdown")
        case .redirectInCircles: redirect(to: "/announce")
        case .brokenGzip: HTTPServer.answer("no gzip", headers: ["Content-Encoding: gzip"])
        }
    }

    var code: TrackerError.Code {
        switch self {
        case .refusal, .refusalWithStatus: .refused
        case .status: .status
        case .page, .nothing: .malformed
        case .nonsense, .brokenGzip: .malformed
        case .silence: .connection
        case .redirectToFile, .redirectToAnotherPath: .unfitURL
        case .long, .redirectInCircles: .limit
        }
    }

    private func redirect(to location: String) -> [UInt8] {
        HTTPServer.answer("", status: "302 Found", headers: ["Location: \(location)"])
    }
}

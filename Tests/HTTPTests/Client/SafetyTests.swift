// SPDX-License-Identifier: Apache-2.0

import RucheTransport
import RucheWire
import Testing

@testable import RucheHTTP

@Suite(.timeLimit(.minutes(2))) struct SafetyTests {
    private func ask(_ client: HTTPClient, _ url: String, for purpose: HTTPPurpose) async -> HTTPError.Code? {
        await failure { try await client.text(url) { $0.purpose = purpose } }
    }

    /// The name has a public address when it is checked, and this machine's a moment later.
    @Test("The address that was checked is the one that is dialled", arguments: [HTTPPurpose.tracker, .webSeed])
    func rebinding(purpose: HTTPPurpose) async throws {
        // TEST-NET-3 has no hosts: dialling it fails in one way or another.
        let outside = IPAddress(v4: 0xcb00_7107)
        let resolver = TestResolver { _, question in question == 1 ? [outside] : [.loopback] }
        var limits = HTTPLimits()
        limits.connectTimeout = .milliseconds(100)
        try await withClient(
            binding: LocalBinding(addresses: [.loopback]),
            resolver: resolver,
            limits: limits
        ) { client, runtime in
            let server = try await RawServer(on: runtime) { _ in [.answer("button pressed")] }
            let url = "http://rebinding.test:\(server.endpoint.port)/shutdown?now"
            #expect(await ask(client, url, for: purpose) != nil)
            #expect(resolver.questionCount == 1 && server.connectionCount == 0)
            #expect(await ask(client, url, for: purpose) == .unfitURL, "now it resolves to this machine")
            #expect(server.connectionCount == 0)
            await server.close()
        }
    }

    @Test("One private address among public ones is enough to refuse")
    func mixedAddresses() async throws {
        let resolver = TestResolver { _, _ in [IPAddress(v4: 0xcb00_7107), .loopback] }
        try await withClient(resolver: resolver) { client, _ in
            #expect(await ask(client, "http://mixed.test/admin", for: .tracker) == .unfitURL)
            #expect(await ask(client, "http://mixed.test/a?b", for: .webSeed) == .unfitURL)
        }
    }

    @Test("A kept connection is checked for each path anew")
    func keptConnections() async throws {
        try await withClient { client, runtime in
            let server = try await RawServer(on: runtime) { _ in [.answer("ok")] }
            let url = "http://tracker.test:\(server.endpoint.port)"
            #expect(await ask(client, "\(url)/announce", for: .tracker) == nil)
            #expect(await ask(client, "\(url)/shutdown", for: .tracker) == .unfitURL)
            #expect(server.requests.map(\.target) == ["/announce"])
            await server.close()
        }
    }

    @Test(
        "Redirects on this machine may only lead where a URL may",
        arguments: [
            ("/announce2", nil), ("/shutdown", .unfitURL), ("file:///etc/passwd", .unfitURL), ("ftp://h/", .unfitURL),
        ] as [(String, HTTPError.Code?)]
    )
    func redirects(location: String, code: HTTPError.Code?) async throws {
        try await withClient { client, runtime in
            let server = try await RawServer(on: runtime) { request in
                request.target == "/announce" ? [.redirect(to: location)] : [.answer("ok")]
            }
            #expect(await ask(client, "http://\(server.endpoint)/announce", for: .tracker) == code)
            await server.close()
        }
    }

    @Test("A binding to an interface applies to HTTP", arguments: ["lo", "no-such"])
    func interfaces(name: String) async throws {
        try await withClient(binding: LocalBinding(interface: name)) { client, runtime in
            let server = try await RawServer(on: runtime) { _ in [.answer("ok")] }
            let code = await ask(client, "http://\(server.endpoint)/", for: .unrestricted)
            #expect(code == (name == "lo" ? nil : .localBinding))
            await server.close()
        }
    }

    @Test("TLS accepts only a trusted certificate with the host's name")
    func certificates() async throws {
        for (certificate, name, isGood) in [
            (TestCertificate.pem, "server.test", true), (TestCertificate.pem, "other.test", false),
            (nil, "server.test", false),
        ] {
            try await withClient(trusting: certificate) { client, runtime in
                let server = try await RawServer(on: runtime, isSecure: true) { _ in [.answer("secret")] }
                let url = "https://\(name):\(server.endpoint.port)/announce"
                #expect(await ask(client, url, for: .tracker) == (isGood ? nil : .security))
                if isGood { #expect(try await client.text(url) == "secret" && server.connectionCount == 1) }
                await server.close()
            }
        }
    }
}

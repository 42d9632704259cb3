// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import RucheCrypto
import RucheTransport
import RucheWire
import Testing

@testable import RucheTrackers

/// Runs against the tracker software of many public swarms.
@Suite(.enabled(if: Opentracker.isInstalled, "there is no /usr/bin/opentracker"))
struct OpentrackerTests {
    private static let infoHash = SHA1Digest(Array(1...20)) ?? SHA1Digest()

    @Test(arguments: ["http", "udp"])
    func twoPeersSeeEachOther(scheme: String) async throws {
        try await withClient(binding: LocalBinding(addresses: [.loopbackV4])) { client, runtime in
            let tracker = try await Opentracker(whitelist: [Self.infoHash], runtime)
            defer { tracker.stop() }
            let url = "\(scheme)://127.0.0.1:\(tracker.port)/announce"
            try await tracker.waitUntilReady(client, Self.infoHash)
            let first = makeRequest(Self.infoHash, id: 1, port: 1111, left: 0)
            let second = makeRequest(Self.infoHash, id: 2, port: 2222, left: 9)
            // It cannot return an empty list: the first peer is told about itself at most.
            let alone = try await client.announce(first, to: url)
            #expect(!alone.peers.contains(PeerEndpoint(address: .loopbackV4, port: 2222)))
            let found = try await client.announce(second, to: url)
            #expect(found.peers.contains(PeerEndpoint(address: .loopbackV4, port: 1111)))
            let again = try await client.announce(
                makeRequest(Self.infoHash, id: 1, port: 1111, left: 0, event: .none),
                to: url
            )
            #expect(again.peers.contains(PeerEndpoint(address: .loopbackV4, port: 2222)))
            #expect(again.seedCount == 1 && again.leecherCount == 1)
            let counts = try await client.scrape([Self.infoHash], at: url).swarms[Self.infoHash]
            #expect(counts?.seedCount == 1 && counts?.leecherCount == 1)
            _ = try await client.announce(makeRequest(Self.infoHash, id: 2, port: 2222, event: .stopped), to: url)
            let left = try await client.scrape([Self.infoHash], at: url).swarms[Self.infoHash]
            #expect(left?.leecherCount == 0)
        }
    }
}

/// A running opentracker, which serves only the info-hashes of its whitelist.
private struct Opentracker {
    let port: UInt16
    private let process = Process()
    private let folder: URL

    static let isInstalled = FileManager.default.isExecutableFile(atPath: executable.path)
    private static let executable = URL(fileURLWithPath: "/usr/bin/opentracker")

    init(whitelist: [SHA1Digest], _ runtime: TransportRuntime) async throws {
        port = try await Self.freePort(runtime)
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("opentracker-\(UUID().uuidString)")
        // Started by root it becomes another user, who must be able to read here.
        let access: [FileAttributeKey: Any] = [.posixPermissions: 0o755]
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: access)
        let lines = whitelist.map { "\($0)\n" }.joined()
        try lines.write(to: folder.appendingPathComponent("whitelist.txt"), atomically: false, encoding: .utf8)
        let config = folder.appendingPathComponent("opentracker.conf")
        let settings = """
            listen.tcp_udp 127.0.0.1:\(port)
            access.whitelist whitelist.txt
            tracker.rootdir \(folder.path)
            tracker.user nobody

            """
        try settings.write(to: config, atomically: false, encoding: .utf8)
        process.executableURL = Self.executable
        process.arguments = ["-f", config.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    func stop() {
        // It ignores SIGTERM once it has become another user.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Waits until it answers a scrape of what it serves. Errors other than that it does not listen yet are thrown.
    func waitUntilReady(_ client: TrackerClient, _ infoHash: SHA1Digest) async throws {
        let url = "http://127.0.0.1:\(port)/announce"
        while true {
            do {
                _ = try await client.scrape([infoHash], at: url)
                return
            } catch {
                guard error.code == .connection else { throw error }
                try #require(process.isRunning, "opentracker ended by itself")
                try await Task.sleep(nanoseconds: 20_000_000)
            }
        }
    }

    /// Returns a port that was free a moment ago.
    private static func freePort(_ runtime: TransportRuntime) async throws -> UInt16 {
        let binding = LocalBinding(addresses: [.loopbackV4])
        let datagrams = try await UDPPort.open(binding: binding, runtime: runtime)
        await datagrams.close()
        return try #require(datagrams.endpoints.first).port
    }
}

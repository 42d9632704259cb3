// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import RucheTransport
import RucheWire
import Testing

/// libtorrent's uTP, in both directions. Disabled if the Python environment of the interop tests is missing.
@Suite(.enabled(if: LibtorrentUTP.isThere))
struct UTPInteropTests {
    private static let content = pattern(3_000_000)

    @Test(.timeLimit(.minutes(5))) func weFetchFromLibtorrent() async throws {
        let peer = try LibtorrentUTP(["seed"])
        defer { peer.stop() }
        let (port, infoHash) = try await peer.greeting()
        try await withRuntime { runtime in
            let socket = try await UDPPort.open(binding: .loopback, runtime: runtime)
            let utp = UTPSocket(on: socket)
            let stream = try await utp.dial(PeerEndpoint(address: .loopbackV4, port: port))
            let file = try await stream.loop.submit {
                let mini = MiniPeer(stream, infoHash: infoHash, content: Self.content, isSeed: false)
                mini.begin()
                return mini.file
            }.get()
            #expect(await file.first(1).first == Self.content)
            await utp.close()
            await socket.close()
        }
    }

    @Test(.timeLimit(.minutes(5))) func libtorrentFetchesFromUs() async throws {
        try await withRuntime { runtime in
            let socket = try await UDPPort.open(binding: .loopback, runtime: runtime)
            let utp = UTPSocket(on: socket)
            let peer = try LibtorrentUTP(["leech"], port: socket.endpoints[0].port)
            defer { peer.stop() }
            let (_, infoHash) = try await peer.greeting()
            utp.listen { stream in
                MiniPeer(stream, infoHash: infoHash, content: Self.content, isSeed: true).begin()
            }
            #expect(await peer.lines.first(2).last == "done")
            await utp.close()
            await socket.close()
        }
    }
}

/// `Tests/Interop/utp_peer.py` in a separate process.
private final class LibtorrentUTP: Sendable {
    private static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let python = root.appending(path: ".work/venv/bin/python").path
    static let isThere = FileManager.default.isExecutableFile(atPath: python)

    let lines = Inbox<String>()
    private let process: Process
    private let input = Pipe()
    private let folder = FileManager.default.temporaryDirectory.appending(path: "utp-\(UUID().uuidString)")

    init(_ arguments: [String], port: UInt16? = nil) throws {
        let script = Self.root.appending(path: "Tests/Interop/utp_peer.py").path
        let process = Process()
        process.executableURL = URL(filePath: Self.python)
        process.arguments = [script] + arguments + [folder.path] + (port.map { ["\($0)"] } ?? [])
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = input
        self.process = process
        try process.run()
        let lines = lines
        Thread.detachNewThread {
            var text = ""
            while true {
                let data = output.fileHandleForReading.availableData
                if data.isEmpty { break }
                text += String(decoding: data, as: UTF8.self)
                while let end = text.firstIndex(of: "\n") {
                    lines.append([String(text[..<end])])
                    text = String(text[text.index(after: end)...])
                }
            }
            lines.close()
        }
    }

    /// Returns its port and the torrent's info-hash.
    func greeting() async throws -> (port: UInt16, infoHash: [UInt8]) {
        let words = try #require(await lines.first(1).first).split(separator: " ")
        let port = try #require(UInt16(words[0]))
        let digits = Array(words[1])
        let hash = stride(from: 0, to: 40, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
        return (port, hash)
    }

    func stop() {
        process.terminate()
        try? FileManager.default.removeItem(at: folder)
    }
}

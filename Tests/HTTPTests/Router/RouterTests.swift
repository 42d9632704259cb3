// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheHTTP
import RucheTransport
import RucheWire
import Testing

/// Runs in a network namespace behind a router. `Tests/Interop` sets the environment, examines the router from outside
/// between the steps, and controls this process through files in a folder.
private struct Surroundings {
    let folder: URL
    let method: String
    let external: String

    static let found: Surroundings? = {
        let environment = ProcessInfo.processInfo.environment
        guard let folder = environment["ROUTER_FOLDER"], let method = environment["ROUTER_METHOD"],
            let external = environment["ROUTER_EXTERNAL"]
        else { return nil }
        return Surroundings(folder: URL(filePath: folder), method: method, external: external)
    }()

    func say(_ name: String, _ text: String) throws {
        let path = folder.appending(path: name)
        try text.write(to: path.appendingPathExtension("new"), atomically: false, encoding: .utf8)
        try FileManager.default.moveItem(at: path.appendingPathExtension("new"), to: path)
    }

    func wait(for name: String) async throws {
        while !FileManager.default.fileExists(atPath: folder.appending(path: name).path(percentEncoded: false)) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

@Suite("A real router", .enabled(if: Surroundings.found != nil, "the interop scenarios port-mapping.* run it"))
struct RouterTests {
    @Test("Ports are mapped, renewed and removed", .timeLimit(.minutes(3)))
    func router() async throws {
        let around = try #require(Surroundings.found)
        let runtime = TransportRuntime(loopCount: 1, blockingThreadCount: 1)
        var limits = PortMappingLimits()
        limits.lifetimeSeconds = 8
        let mapper = PortMapper(
            runtime: runtime,
            router: RouterClient(runtime: runtime),
            limits: limits,
            isIPv4: !around.external.contains(":")
        )
        var mapped: [PortMapping] = []
        var renewed: Set<MappedTransport> = []
        for await event in mapper.map(tcp: 6881, udp: 6881) {
            switch event {
            case .mapped(let mapping):
                mapped.append(mapping)
                #expect("\(mapping.method)" == around.method && "\(mapping.external.address)" == around.external)
                if mapped.count == 2 {
                    try around.say("mapped", mapped.map { "\($0.transport) \($0.external)" }.joined(separator: "\n"))
                }
            case .renewed(let mapping): renewed.insert(mapping.transport)
            case .lost(let mapping): Issue.record("lost \(mapping)")
            case .failed(let error): Issue.record("failed: \(error)")
            }
            if renewed.count == 2 { break }
        }
        try around.say("renewed", "")
        try await around.wait(for: "checked")
        await mapper.close()
        await runtime.shutdown()
        #expect(mapped.map(\.transport) == [.tcp, .udp])
    }
}

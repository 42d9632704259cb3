// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheSwarm
import Testing

/// The program in README, which is Examples/fetch, as users run it.
@Suite("The program in README", .timeLimit(.minutes(2)))
struct ReadmeTests {
    @Test func fetchesWhatAMagnetLinkNames() async throws {
        try await withWorkshop { workshop in
            let seed = try await workshop.makeSeed(sizes: [300_000, 70_000])
            var magnet = MagnetLink(seed.metainfo)
            magnet.peers = seed.session.endpoints.map { NamedEndpoint(host: "\($0.address)", port: $0.port) }
            let program = Process()
            program.executableURL = Self.products.appending(path: "fetch")
            program.arguments = [magnet.description]
            program.currentDirectoryURL = URL(fileURLWithPath: workshop.path)
            program.standardOutput = FileHandle.nullDevice
            try program.run()
            while program.isRunning { try await Task.sleep(for: .milliseconds(20)) }
            #expect(program.terminationStatus == 0)
            let fetched = try workshop.bytes(of: "Downloads/content/0")
            let original = try workshop.bytes(of: "seed/content/0")
            #expect(fetched == original)
        }
    }

    /// The folder of built programs and tests.
    private static var products: URL {
        let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        return (tests ?? URL(fileURLWithPath: CommandLine.arguments[0])).resolvingSymlinksInPath()
            .deletingLastPathComponent()
    }
}

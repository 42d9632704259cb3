// SPDX-License-Identifier: Apache-2.0

import Testing

/// Which modules may import which.
struct ImportTests {
    /// Each module, and those of ours below it.
    private static let layers: [String: Set<String>] = [
        "Crypto": [],
        "Wire": ["Crypto"],
        "Transport": ["Crypto", "Wire"],
        "Storage": ["Crypto", "Wire"],
        "HTTP": ["Wire", "Transport"],
        "Trackers": ["Crypto", "Wire", "Transport", "HTTP"],
        "DHT": ["Crypto", "Wire", "Transport"],
        "Swarm": ["Crypto", "Wire", "Transport", "HTTP", "Storage", "Trackers", "DHT"],
        "Streaming": ["Crypto", "Wire", "Transport", "Swarm"],
        "Testing": ["Crypto", "Wire", "Transport", "Storage", "Trackers", "Swarm"],
    ]

    /// The only module that may import each of these.
    private static let owners = [
        "NIOPosix": "Transport", "NIOSSL": "HTTP", "CZlib": "HTTP", "CHashLanes": "Crypto", "COpenSSL": "Crypto",
        "CPageCache": "Storage",
        "CSodium": "Crypto",
    ]

    @Test func modulesLookDownOnly() {
        expectNone(
            offences { file, module in
                guard module.hasPrefix("Ruche") else { return false }
                return Self.layers[file.module]?.contains(String(module.dropFirst("Ruche".count))) != true
            }
        )
    }

    @Test func heavyDependenciesHaveOneOwner() {
        expectNone(offences { file, module in Self.owners[module].map { $0 != file.module } ?? false })
    }

    /// There, connections are streams, whatever carries and encrypts them.
    @Test func engineKnowsNoSockets() {
        let engine = Repository.moduleFiles.filter { $0.module == "Swarm" }
        #expect(engine.count > 100, "the scan sees the engine")
        expectNone(
            engine.flatMap {
                $0.code.offences("TCP", "RC4", "any Channel", "ChannelHandler")
            }
        )
    }

    /// Examples are compiled as a user's code is, so that they show what is missing in public.
    @Test func examplesSeeOnlyWhatIsPublic() throws {
        let examples = Repository.swiftFiles.filter { $0.path.hasPrefix("Examples/") }
        #expect(examples.count > 30, "the scan sees examples")
        expectNone(examples.flatMap { $0.code.offences("@testable") })
        let manifest = try #require(Repository.files.first { $0.path == "Package.swift" })
        let targets = manifest.lines.indices.filter { manifest.lines[$0].contains("path: \"Examples/") }
        #expect(targets.count > 2 && targets.allSatisfy { manifest.lines[$0 + 1].contains("packageAccess: false,") })
    }

    @Test func systemLibrariesHaveOneOwner() {
        let imports = Repository.moduleFiles.flatMap { file in
            file.imports.filter { ["COpenSSL", "CSodium", "CZlib"].contains($0.module) }
                .map { (library: $0.module, access: $0.access, owner: file.module) }
        }
        let libraries = Dictionary(grouping: imports, by: \.library)
        #expect(libraries.count >= 2, "the scan sees imports")
        for (library, uses) in libraries {
            #expect(Set(uses.map(\.owner)).count == 1, "\(library) is imported by one module")
            #expect(uses.allSatisfy { $0.access == "internal" }, "\(library) appears in no interface")
        }
    }

    @Test func coresAreFreeOfTheSystem() {
        let system: Set = ["Foundation", "FoundationEssentials", "Glibc", "Musl", "Darwin", "Dispatch", "NIOPosix"]
        let cores = Set(Repository.coreFiles.map(\.path))
        expectNone(offences { file, module in cores.contains(file.path) && system.contains(module) })
    }

    @Test func testsUseSwiftTesting() {
        expectNone(
            Repository.swiftFiles.flatMap { file in
                file.imports.filter { $0.module == "XCTest" }.map { file.text.offence(at: $0.line, "import XCTest") }
            }
        )
    }

    private func offences(_ isWrong: (SwiftFile, String) -> Bool) -> [String] {
        Repository.moduleFiles.flatMap { file in
            file.imports.filter { isWrong(file, $0.module) }
                .map { file.text.offence(at: $0.line, "\(file.module) imports \($0.module)") }
        }
    }
}

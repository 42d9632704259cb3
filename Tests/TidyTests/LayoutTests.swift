// SPDX-License-Identifier: Apache-2.0

import Testing

/// Where files and folders are.
struct LayoutTests {
    @Test func topLevelIsFixed() {
        let allowed: Set = [
            "Benchmarks", "CHANGELOG.md", "CONTRIBUTING.md", "Examples", "LICENSE", "Makefile", "Modules",
            "Package.resolved",
            "Package.swift", "README.md", "SECURITY.md", "Tests", "docs",
        ]
        let strangers = Repository.entries(of: "").subtracting(allowed)
        #expect(strangers.isEmpty, "nothing else belongs at the top")
    }

    @Test func modulesAreFixed() {
        let modules: Set = [
            "CHashLanes", "COpenSSL", "CPageCache", "CSodium", "CZlib", "Crypto", "DHT", "HTTP", "Storage", "Streaming",
            "Swarm",
            "Testing",
            "Trackers",
            "Transport",
            "Wire",
        ]
        #expect(Repository.entries(of: "Modules") == modules)
    }

    @Test func everyModuleIsTested() {
        let tested = Repository.entries(of: "Modules").filter { !$0.hasPrefix("C") || $0 == "Crypto" }
        #expect(tested.count > 5, "the scan sees modules")
        for module in tested.subtracting(["Testing"]) {
            #expect(Repository.exists("Tests/\(module)Tests"), "\(module) has no tests")
        }
    }

    @Test func noPlaceholderStays() {
        let placeholders = Repository.files.map(\.path).filter { $0.hasSuffix("/Placeholder.swift") }
        let folders = placeholders.map { $0.split(separator: "/").dropLast().joined(separator: "/") }
        let needless = folders.filter { Repository.entries(of: $0).count > 1 }
        #expect(needless.isEmpty)
    }
}

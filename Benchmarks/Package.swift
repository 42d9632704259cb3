// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// A package of its own, so that those who build on Ruche never resolve what only measuring needs.

/// The name under which the package manager compiles the package above, which is that of its folder. What is measured
/// is `package` there, so whoever measures says that they belong to it.
let measured: String = {
    let folder = Context.packageDirectory.split(separator: "/").dropLast().last ?? "ruche"
    return folder.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined()
}()

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let modules: [Target.Dependency] = ["RucheCrypto", "RucheWire", "RucheSwarm"].map {
    .product(name: $0, package: "ruche")
}

/// A suite of `swift package benchmark`, in the folder where that looks for it.
func suite(_ name: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: ["Suites", "Workloads", .product(name: "Benchmark", package: "benchmark")],
        path: "Benchmarks/\(name)",
        swiftSettings: strict,
        plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
    )
}

let package = Package(
    name: "ruche-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "ruche", path: ".."),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/ordo-one/benchmark.git", from: "1.38.0", traits: []),
    ],
    targets: [
        // What is measured, told apart from how.
        .target(
            name: "Workloads",
            dependencies: modules + [.product(name: "NIOCore", package: "swift-nio")],
            packageAccess: false,
            swiftSettings: strict + [.unsafeFlags(["-package-name", measured])]
        ),
        .target(
            name: "Suites",
            dependencies: ["Workloads", "CAllocations", .product(name: "Benchmark", package: "benchmark")],
            swiftSettings: strict
        ),
        // Counts what a thread allocates.
        .target(name: "CAllocations"),
        // The same workloads without a framework, for `Comparisons`: one JSON line a figure.
        .executableTarget(
            name: "measure",
            dependencies: ["Workloads", "CAllocations"],
            swiftSettings: strict
        ),
        // Several transfers in one process, for `Comparisons/cores.py`.
        .executableTarget(
            name: "cores",
            dependencies: ["RucheWire", "RucheSwarm", "RucheTransport"].map { .product(name: $0, package: "ruche") },
            swiftSettings: strict
        ),
        suite("Picking"),
        suite("Codecs"),
        suite("Hashing"),
        suite("Encryption"),
    ]
)

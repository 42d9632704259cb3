// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// A package of its own, so that users of Ruche never resolve dependencies that only benchmarks need.

/// The name under which the package manager compiles the parent package: the name of its folder. The measured
/// declarations are `package` there, so the benchmarks are compiled under the same name.
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

/// A suite of `swift package benchmark`, in the folder where the tool looks for it.
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
        // The measured operations, independent of how they are measured.
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
        // Counts the allocations of a thread.
        .target(name: "CAllocations"),
        // Runs the same workloads without a framework, for `Comparisons`: one JSON line per workload.
        .executableTarget(
            name: "measure",
            dependencies: ["Workloads", "CAllocations"],
            swiftSettings: strict
        ),
        // Runs several transfers in one process, for `Comparisons/cores.py`.
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

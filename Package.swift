// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// Every target is held to the same compiler settings, so that a file means the same wherever it stands.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let collections: Target.Dependency = .product(name: "Collections", package: "swift-collections")

let package = Package(
    name: "ruche",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "RucheCrypto", targets: ["RucheCrypto"]),
        .library(name: "RucheWire", targets: ["RucheWire"]),
        .library(name: "RucheStorage", targets: ["RucheStorage"]),
        .library(name: "RucheTransport", targets: ["RucheTransport"]),
        .library(name: "RucheDHT", targets: ["RucheDHT"]),
        .library(name: "RucheSwarm", targets: ["RucheSwarm"]),
        .library(name: "RucheStreaming", targets: ["RucheStreaming"]),
        .library(name: "RucheTesting", targets: ["RucheTesting"]),
        .executable(name: "file-share", targets: ["file-share"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // System libraries, each imported by one target only.
        .systemLibrary(
            name: "COpenSSL",
            path: "Modules/COpenSSL",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]
        ),
        .systemLibrary(
            name: "CSodium",
            path: "Modules/CSodium",
            pkgConfig: "libsodium",
            providers: [.apt(["libsodium-dev"]), .brew(["libsodium"])]
        ),
        .systemLibrary(
            name: "CZlib",
            path: "Modules/CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]
        ),

        // Maths.
        .target(
            name: "CHashLanes",
            dependencies: ["COpenSSL"],
            path: "Modules/CHashLanes"
        ),
        .target(
            name: "RucheCrypto",
            dependencies: ["CHashLanes", "COpenSSL", "CSodium"],
            path: "Modules/Crypto",
            swiftSettings: strict
        ),
        // Bytes.
        .target(
            name: "RucheWire",
            dependencies: ["RucheCrypto", nio],
            path: "Modules/Wire",
            swiftSettings: strict
        ),
        // Sockets.
        .target(
            name: "RucheTransport",
            dependencies: ["RucheCrypto", "RucheWire", nio, nioPosix, logging, collections],
            path: "Modules/Transport",
            swiftSettings: strict
        ),
        // Services.
        .target(
            name: "CPageCache",
            path: "Modules/CPageCache"
        ),
        .target(
            name: "RucheStorage",
            dependencies: ["CPageCache", "RucheCrypto", "RucheWire", nio, logging, collections],
            path: "Modules/Storage",
            swiftSettings: strict
        ),
        .target(
            name: "RucheHTTP",
            dependencies: [
                "CZlib", "RucheWire", "RucheTransport", nio, collections,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Modules/HTTP",
            swiftSettings: strict
        ),
        .target(
            name: "RucheTrackers",
            dependencies: [
                "RucheCrypto", "RucheWire", "RucheTransport", "RucheHTTP", nio, logging, collections,
            ],
            path: "Modules/Trackers",
            swiftSettings: strict
        ),
        .target(
            name: "RucheDHT",
            dependencies: ["RucheCrypto", "RucheWire", "RucheTransport", nio, logging, collections],
            path: "Modules/DHT",
            swiftSettings: strict
        ),
        // Engine.
        .target(
            name: "RucheSwarm",
            dependencies: [
                "RucheCrypto", "RucheWire", "RucheTransport", "RucheHTTP", "RucheStorage", "RucheTrackers",
                "RucheDHT", nio, logging, collections,
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Modules/Swarm",
            swiftSettings: strict
        ),
        // Libraries.
        .target(
            name: "RucheStreaming",
            dependencies: [
                "RucheCrypto", "RucheWire", "RucheTransport", "RucheSwarm", nio,
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Modules/Streaming",
            swiftSettings: strict
        ),
        .target(
            name: "RucheTesting",
            dependencies: [
                "RucheCrypto", "RucheWire", "RucheTransport", "RucheStorage", "RucheTrackers", "RucheSwarm", nio,
                logging,
                collections,
            ],
            path: "Modules/Testing",
            swiftSettings: strict
        ),

        // Apps.
        // Apps see what every user sees: what is public.
        .executableTarget(
            name: "file-share",
            dependencies: [
                "RucheCrypto", "RucheWire", "RucheStorage", "RucheTransport", "RucheTrackers", "RucheDHT", "RucheSwarm",
                "RucheStreaming",
                nio, logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Examples/file-share",
            packageAccess: false,
            swiftSettings: strict
        ),
        // The program in README.
        .executableTarget(
            name: "fetch",
            dependencies: ["RucheSwarm"],
            path: "Examples/fetch",
            packageAccess: false,
            swiftSettings: strict
        ),
        // What an app can plug in, each tested, and shown in docs/ARCHITECTURE.md.
        .testTarget(
            name: "PluginTests",
            dependencies: [
                "RucheSwarm", "RucheDHT", "RucheStreaming", "RucheTesting", nio,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Examples/Plugins",
            packageAccess: false,
            swiftSettings: strict
        ),

        // Tests, one target a module.
        .target(
            name: "CWideLanes",
            dependencies: ["CHashLanes"],
            path: "Tests/CWideLanes"
        ),
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        .testTarget(
            name: "CryptoTests",
            dependencies: ["RucheCrypto", "CHashLanes", "CWideLanes"],
            path: "Tests/CryptoTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "WireTests",
            dependencies: ["RucheWire", "RucheCrypto", nio],
            path: "Tests/WireTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "StorageTests",
            dependencies: ["RucheStorage", "RucheWire", "RucheCrypto", nio, logging],
            path: "Tests/StorageTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "TransportTests",
            dependencies: ["RucheTransport", "RucheTesting", "RucheWire", "RucheCrypto", nio, nioPosix, logging],
            path: "Tests/TransportTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "HTTPTests",
            dependencies: [
                "RucheHTTP", "RucheTransport", "RucheWire", "RucheCrypto", nio, nioPosix,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Tests/HTTPTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "TrackersTests",
            dependencies: [
                "RucheTrackers", "RucheHTTP", "RucheTransport", "RucheWire", "RucheCrypto", nio, nioPosix, logging,
            ],
            path: "Tests/TrackersTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "DHTTests",
            dependencies: ["RucheDHT", "RucheTransport", "RucheWire", "RucheCrypto", nio, logging, collections],
            path: "Tests/DHTTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "SwarmTests",
            dependencies: [
                "RucheSwarm", "RucheDHT", "RucheTesting", "RucheStorage", "RucheTrackers", "RucheTransport",
                "RucheWire", "RucheCrypto", nio,
                logging, "CAllocations",
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ],
            path: "Tests/SwarmTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "StreamingTests",
            dependencies: [
                "RucheStreaming", "RucheSwarm", "RucheStorage", "RucheTransport", "RucheWire", "RucheCrypto", nio,
                nioPosix, logging,
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Tests/StreamingTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "RucheSwarm", "RucheTesting", "RucheStorage", "RucheTransport", "RucheWire", "RucheCrypto", nio,
                logging,
            ],
            path: "Tests/SimulationTests",
            swiftSettings: strict
        ),
        .testTarget(
            name: "TidyTests",
            path: "Tests/TidyTests",
            swiftSettings: strict
        ),
    ]
)

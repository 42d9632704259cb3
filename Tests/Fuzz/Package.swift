// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// A package of its own: its executable has libFuzzer's `main`, and is built with every module instrumented.
let package = Package(
    name: "ruche-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "ruche", path: "../..")],
    targets: [
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                .product(name: "RucheCrypto", package: "ruche"),
                .product(name: "RucheWire", package: "ruche"),
                .product(name: "RucheStorage", package: "ruche"),
            ],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
            ]
        )
    ]
)

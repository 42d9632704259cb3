// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "scheduling",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "scheduling", targets: ["scheduling"])],
    dependencies: [.package(name: "ruche", path: "../..")],
    targets: [
        .executableTarget(
            name: "scheduling",
            dependencies: [
                .product(name: "RucheCrypto", package: "ruche"),
                .product(name: "RucheWire", package: "ruche"),
                .product(name: "RucheStorage", package: "ruche"),
                .product(name: "RucheSwarm", package: "ruche"),
                .product(name: "RucheTesting", package: "ruche"),
            ],
            path: "Sources/scheduling",
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

// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// The name under which the package manager compiles the parent package: the name of its folder. Some parsers are
/// `package` there, so the fuzzer is compiled under the same name.
let fuzzed: String = {
    let folder = Context.packageDirectory.split(separator: "/").dropLast(2).last ?? "ruche"
    return folder.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined()
}()

/// A package of its own, because its executable has libFuzzer's `main` and needs every module instrumented.
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
                .product(name: "RucheTransport", package: "ruche"),
                .product(name: "RucheSwarm", package: "ruche"),
                .product(name: "RucheStorage", package: "ruche"),
                .product(name: "RucheDHT", package: "ruche"),
                .product(name: "RucheStreaming", package: "ruche"),
            ],
            packageAccess: false,
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
                .unsafeFlags(["-package-name", fuzzed]),
            ]
        )
    ]
)

// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// The name under which the package manager compiles the parent package: the name of its folder. Crowds are `package` there, so
/// this program is compiled under the same name.
let simulated: String = {
    let folder = Context.packageDirectory.split(separator: "/").dropLast(2).last ?? "ruche"
    return folder.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined()
}()

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
            packageAccess: false,
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
                .unsafeFlags(["-package-name", simulated]),
            ]
        )
    ]
)

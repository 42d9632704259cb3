// SPDX-License-Identifier: Apache-2.0

import Testing

/// Limits on sizes, and what code must not do.
struct SwiftTests {
    /// No file is near this; one that comes near should be split.
    private static let fileLines = 400
    private static let functionLines = 70

    @Test func filesAreShort() {
        expectNone(
            Repository.swiftFiles.filter { $0.text.lines.count > Self.fileLines }
                .map { "\($0.path): \($0.text.lines.count) lines" }
        )
    }

    @Test func functionsFitAScreen() {
        let functions = Repository.swiftFiles.flatMap { file in file.functions.map { (file, $0) } }
        #expect(functions.count > 1_000, "the scan sees functions")
        expectNone(
            functions.filter { $1.lineCount > Self.functionLines }
                .map { file, function in
                    file.text.offence(at: function.line, "\(function.name) has \(function.lineCount) lines")
                }
        )
    }

    /// Traps that outside data cannot cause: failed allocations of C libraries.
    private static let mayTrap: Set = [
        "Modules/Crypto/MSE/MSEKeyExchange.swift", "Modules/Crypto/Hashes/EVPDigest.swift",
    ]

    @Test func strangersCannotTrap() {
        let traps = Repository.moduleFiles.filter {
            !$0.code.offences("try!", "as!", "fatalError", "preconditionFailure").isEmpty
        }
        expectNone(traps.filter { !Self.mayTrap.contains($0.path) }.map(\.path))
        #expect(Self.mayTrap.isSubset(of: traps.map(\.path)), "every exemption is needed")
    }

    @Test func nothingIsUnwrappedByForce() {
        expectNone(Repository.moduleFiles.flatMap { $0.code.offences("!", where: Self.unwraps) })
    }

    /// Whether a `!` directly follows a value and is not the first half of `!=`.
    static func unwraps(_ line: Substring) -> Bool {
        let bytes = Array(line.utf8)
        return bytes.indices.dropFirst().contains { index in
            let before = bytes[index - 1]
            let isAfterValue = before.isWordPart || before == UInt8(ascii: ")") || before == UInt8(ascii: "]")
            let isComparison = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "=")
            return bytes[index] == UInt8(ascii: "!") && isAfterValue && !isComparison
        }
    }

    @Test func coresTakeTimeAndChance() {
        expectNone(
            Repository.coreFiles.flatMap { file in
                file.code.offences(
                    "Date()",
                    "ContinuousClock",
                    "SuspendingClock",
                    "clock_gettime",
                    "SystemRandomNumberGenerator",
                    "SecureRandom",
                    ".shuffled()",
                    ".randomElement()"
                ) + file.code.offences(".now") { !$0.holds(Array("batch.now".utf8)) }
                    + file.code.offences(".random") { !$0.holds(Array("using:".utf8)) }
            }
        )
    }

    /// Machines are sometimes slow. A test states what happens, not how soon.
    @Test func testsDoNotBoundTheWallClock() {
        let tests = Repository.swiftFiles.filter {
            $0.path.hasPrefix("Tests/") && !$0.path.hasPrefix("Tests/TidyTests/")
        }
        expectNone(
            tests.flatMap {
                $0.code.offences(
                    "ContinuousClock",
                    "SuspendingClock",
                    "DispatchTime",
                    "Date()",
                    "elapsed <",
                    "elapsed) <"
                )
            }
        )
    }
}

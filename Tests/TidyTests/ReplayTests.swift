// SPDX-License-Identifier: Apache-2.0

import Testing

/// What a seed must replay has its time from its loop, and its chance from its runtime.
struct ReplayTests {
    private static let folders = [
        "Modules/Swarm/Driver/", "Modules/Transport/Dialling/", "Modules/Transport/Listening/",
        "Modules/Transport/Places/",
        "Modules/Transport/Secure/", "Modules/Transport/Streams/",
    ]

    @Test func driversHaveNoOtherClockOrChance() {
        let files = Repository.moduleFiles.filter { file in Self.folders.contains { file.path.hasPrefix($0) } }
        #expect(files.count > 40, "the scan sees the drivers")
        expectNone(
            files.flatMap {
                $0.code.offences(
                    " .now",
                    "(.now",
                    "Instant.now",
                    "NIODeadline.now",
                    "Task {",
                    "Task.detached",
                    "Task.sleep",
                    "SecureRandom()",
                    "SystemRandomNumberGenerator"
                )
            }
        )
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Seeds of the large swarm that failed once. They are run for ever.
enum Seeds {
    /// A seed, and what it found.
    struct Regression {
        let seed: UInt64
        let found: String
    }

    static let regressions: [Regression] = []
}

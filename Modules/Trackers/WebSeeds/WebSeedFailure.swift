// SPDX-License-Identifier: Apache-2.0

/// Why a web seed gave nothing.
package struct WebSeedFailure: Error, CustomStringConvertible {
    /// What was asked for and what came instead; one line for a log.
    package let description: String
    /// It makes no sense to ask again.
    package let isFinal: Bool

    init(_ description: String, isFinal: Bool = false) {
        self.description = description
        self.isFinal = isFinal
    }
}

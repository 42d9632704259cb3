// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Why a web seed failed.
package struct WebSeedError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What follows from the failure.
    package enum Consequence: Hashable, Sendable {
        /// The file is not available there: it is not requested again, but others are.
        case strikeOutFile
        /// The server does not support ranges, so files must be requested whole. Nothing of the response was used.
        case takeWholeFiles
        /// The server is not asked for a while; at least for this long, if it said so.
        case pause(atLeast: Interval?)
        /// The server is not asked again.
        case giveUp
    }

    /// What was requested and what happened instead, in one line for logs.
    package let description: String
    /// What follows from the failure.
    package let consequence: Consequence

    package init(_ description: String, _ consequence: Consequence) {
        self.description = description
        self.consequence = consequence
    }
}

// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Why a web seed gave nothing.
package struct WebSeedFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What follows from it.
    package enum Consequence: Hashable, Sendable {
        /// The file is not there as it should be: this file is not asked for again, others are.
        case strikeOutFile
        /// The server knows no ranges: files must be asked for whole. Nothing was taken of the answer.
        case takeWholeFiles
        /// The server is left alone for a while, at least for so long where it said so.
        case pause(atLeast: Interval?)
        /// The server is not asked again.
        case giveUp
    }

    /// What was asked for and what came instead; one line for a log.
    package let description: String
    /// What follows from it.
    package let consequence: Consequence

    package init(_ description: String, _ consequence: Consequence) {
        self.description = description
        self.consequence = consequence
    }
}

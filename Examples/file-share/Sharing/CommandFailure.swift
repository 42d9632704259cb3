// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Why a command cannot do what it was asked, in one line for the user.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// One line about any error.
    static func message(of error: any Error) -> String {
        // Foundation keeps its words for people elsewhere.
        error is CocoaError ? error.localizedDescription : "\(error)"
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Why a command cannot do what it was asked, in one line for the user.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

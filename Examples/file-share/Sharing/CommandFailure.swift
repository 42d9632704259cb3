// SPDX-License-Identifier: Apache-2.0

/// Why a command failed, in one line for the user.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

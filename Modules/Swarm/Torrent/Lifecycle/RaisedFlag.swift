// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A flag that any thread may raise, and that stays raised.
final class RaisedFlag: Sendable {
    private let flag = Atomic(false)

    var isRaised: Bool { flag.load(ordering: .relaxed) }

    func raise() { flag.store(true, ordering: .relaxed) }
}

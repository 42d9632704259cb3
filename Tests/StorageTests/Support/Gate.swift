// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets threads pass once it is open.
final class Gate: Sendable {
    private let flag = Atomic(false)

    var isOpen: Bool { flag.load(ordering: .acquiring) }

    func open() { flag.store(true, ordering: .releasing) }
}

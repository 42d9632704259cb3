// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Lets threads pass once it is open.
final class Gate: @unchecked Sendable {  // the condition guards the flag
    private let condition = NSCondition()
    private var isOpen = false

    func open() {
        condition.withLock { isOpen = true }
        condition.broadcast()
    }

    func wait() {
        condition.withLock {
            while !isOpen { condition.wait() }
        }
    }
}

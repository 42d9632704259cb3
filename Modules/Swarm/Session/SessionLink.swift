// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Allows a session's parts to be created before the session that they serve.
final class SessionLink: Sendable {
    private struct Reference {
        weak var session: Session?
    }

    private let reference = Mutex(Reference())

    var session: Session? {
        get { reference.withLock { $0.session } }
        set { reference.withLock { $0.session = newValue } }
    }
}

/// Whether anything requested is still to be done.
final class PendingFlag: Sendable {
    private let isPending = Atomic<Bool>(false)

    /// Returns false if it has been requested before.
    func begin() -> Bool { !isPending.exchange(true, ordering: .relaxed) }

    func end() { isPending.store(false, ordering: .relaxed) }
}

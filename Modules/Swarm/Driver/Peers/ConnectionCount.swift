// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Connections of a session, all torrents together. Counted on every loop; touched once a connection, never in between.
final class ConnectionCount: Sendable {
    private let limit: Int
    private let count = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    var isFull: Bool { count.load(ordering: .relaxed) >= limit }

    func add(_ change: Int) { count.wrappingAdd(change, ordering: .relaxed) }
}

// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Memory for pieces that are being received, divided among the downloading torrents of a session.
///
/// Accessed once per tick by each of them, never for a block.
final class ReceiveBudget: Sendable {
    private let limitBytes: Int
    private let downloads = Atomic<Int>(0)

    init(limitBytes: Int) { self.limitBytes = limitBytes }

    /// The bytes that each may have in open pieces.
    var shareBytes: Int { limitBytes / max(1, downloads.load(ordering: .relaxed)) }

    /// Records that one torrent more, or one fewer, is downloading.
    func add(_ change: Int) { downloads.wrappingAdd(change, ordering: .relaxed) }
}

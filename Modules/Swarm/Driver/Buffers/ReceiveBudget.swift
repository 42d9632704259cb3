// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Memory for pieces that are being received, shared out among the torrents of a session that download.
///
/// Touched once a tick by each of them, never for a block.
final class ReceiveBudget: Sendable {
    private let limitBytes: Int
    private let downloads = Atomic<Int>(0)

    init(limitBytes: Int) { self.limitBytes = limitBytes }

    /// What each may have in open pieces; bytes.
    var shareBytes: Int { limitBytes / max(1, downloads.load(ordering: .relaxed)) }

    /// One torrent more begins to download, or one fewer does.
    func add(_ change: Int) { downloads.wrappingAdd(change, ordering: .relaxed) }
}

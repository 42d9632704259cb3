// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheWire

/// An error that may pass, and how often the torrent has been opened in spite of it.
struct Suspension: Hashable, Sendable {
    let error: TorrentError
    let attemptCount: Int

    /// The time until the next attempt, which doubles with each attempt.
    func pause(_ limits: SwarmLimits) -> Interval {
        min(limits.reopeningPause * (1 << Int64(min(max(attemptCount - 1, 0), 16))), limits.longestReopeningPause)
    }
}

extension TorrentError {
    /// No attempt succeeds until the user changes something.
    var isFinal: Bool {
        [.contradiction, .metadata, .noSuchFile, .removed].contains(code) || storage?.code.isFinal == true
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheWire

/// Why a torrent could not be opened, and how often that was tried.
struct Suspension: Sendable {
    let error: TorrentError
    let attemptCount: Int

    /// The delay before the next attempt: it doubles each time.
    func pause(_ limits: SwarmLimits) -> Interval {
        min(limits.reopeningPause * (1 << Int64(min(max(attemptCount - 1, 0), 16))), limits.longestReopeningPause)
    }
}

extension TorrentError {
    /// Every attempt fails until the user changes something.
    var isFinal: Bool {
        [.contradiction, .metadata, .noSuchFile, .removed].contains(code) || storage?.code.isFinal == true
    }
}

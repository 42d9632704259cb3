// SPDX-License-Identifier: Apache-2.0

package import RucheTrackers
package import RucheWire

/// What a web seed has proved to be worth, file by file.
///
/// A missing or different file says nothing about the rest of its server; a server that is down says nothing about its
/// files. Which of the two it is when a request just fails shows later: other files are requested first, and a file that
/// fails time and again while they arrive is not requested any more.
///
/// Owner: `WebSeedPeer`.
package struct WebSeedStanding: Sendable {
    /// Files that are not requested again.
    package private(set) var struckFiles: Set<Int> = []
    /// Nothing is requested from it again.
    package private(set) var isGivenUp = false
    /// It is not contacted before this time.
    package private(set) var mayConnectAt = Instant.zero
    private var failureCount = 0
    private var successCount = 0
    private var ailing: [Int: Ailment] = [:]

    /// A file whose last requests have failed.
    private struct Ailment {
        var failureCount = 0
        var restsUntil = Instant.zero
        /// The number of successes with other files before its first failure.
        let earlierSuccesses: Int
    }

    package init() {}

    /// Files that are not requested now.
    package func avoidedFiles(at now: Instant) -> Set<Int> {
        struckFiles.union(ailing.lazy.filter { $0.value.restsUntil > now }.map(\.key))
    }

    /// Whether some file has failed and may still recover.
    package var isAnyAiling: Bool { !ailing.isEmpty }

    /// Handles a failed request. `file` is the requested one; nil if it did not get so far.
    package mutating func handleFailure(_ consequence: WebSeedError.Consequence, ofFile file: Int?, at now: Instant) {
        switch consequence {
        case .giveUp: isGivenUp = true
        case .takeWholeFiles: mayConnectAt = now
        case .strikeOutFile:
            guard let file else { return isGivenUp = true }
            strike(file)
            mayConnectAt = now
        case .pause(let least):
            failureCount += 1
            mayConnectAt = now + max(Self.pause(after: failureCount), least ?? .zero)
            if let file, least == nil { handleAilment(ofFile: file, at: now) }
        }
    }

    private mutating func handleAilment(ofFile file: Int, at now: Instant) {
        var ailment = ailing[file] ?? Ailment(earlierSuccesses: successCount)
        ailment.failureCount += 1
        // Twice as long as the server, so that the next request is for another file.
        ailment.restsUntil = now + Self.pause(after: ailment.failureCount) * 2
        ailing[file] = ailment
        if ailment.failureCount >= WebSeedLimits.failuresOfFile, successCount > ailment.earlierSuccesses {
            strike(file)
        }
    }

    private mutating func strike(_ file: Int) {
        struckFiles.insert(file)
        ailing[file] = nil
    }

    private static func pause(after failureCount: Int) -> Interval {
        min(WebSeedLimits.shortestPause * Int64(1 << min(failureCount - 1, 10)), WebSeedLimits.longestPause)
    }

    /// Handles a complete run of blocks of `files`.
    package mutating func handleSuccess(ofFiles files: some Sequence<Int>) {
        failureCount = 0
        successCount += 1
        for file in files { ailing[file] = nil }
    }

    /// Handles a disconnection by the swarm, or a lack of room.
    package mutating func handleDisconnected(at now: Instant) { mayConnectAt = now + WebSeedLimits.shortestPause }

    /// Gives up a web seed that has nothing to send, or has sent something wrong.
    package mutating func giveUp() { isGivenUp = true }
}

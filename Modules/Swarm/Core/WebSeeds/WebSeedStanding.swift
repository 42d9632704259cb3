// SPDX-License-Identifier: Apache-2.0

package import RucheTrackers
package import RucheWire

/// What a web seed has turned out to be worth, file by file.
///
/// Owner: `WebSeedPeer`. One file that is missing or another says nothing of the rest of its server; a server that is down
/// says nothing of its files.
package struct WebSeedStanding: Sendable {
    /// Files that are not asked for again.
    package private(set) var struckFiles: Set<Int> = []
    /// Nothing is asked of it again.
    package private(set) var isGivenUp = false
    /// It is left alone until then.
    package private(set) var mayConnectAt = Instant.zero
    private var failureCount = 0

    package init() {}

    /// A request has failed; `file` is the one that was asked for, nil where it came to none.
    package mutating func handleFailure(_ consequence: WebSeedFailure.Consequence, ofFile file: Int?, at now: Instant) {
        switch consequence {
        case .giveUp: isGivenUp = true
        case .takeWholeFiles: mayConnectAt = now
        case .strikeOutFile:
            guard let file else { return isGivenUp = true }
            struckFiles.insert(file)
            mayConnectAt = now
        case .pause(let least):
            failureCount += 1
            let doubled = WebSeedLimits.shortestPause * Int64(1 << min(failureCount - 1, 10))
            let pause = max(min(doubled, WebSeedLimits.longestPause), least ?? .zero)
            mayConnectAt = now + pause
        }
    }

    /// A run of blocks came whole.
    package mutating func handleSuccess() { failureCount = 0 }

    /// The swarm has sent it away, or has no room for it.
    package mutating func handleDisconnected(at now: Instant) { mayConnectAt = now + WebSeedLimits.shortestPause }

    /// It has nothing to give, or has given something wrong.
    package mutating func giveUp() { isGivenUp = true }
}

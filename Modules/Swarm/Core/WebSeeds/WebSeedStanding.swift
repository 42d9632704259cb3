// SPDX-License-Identifier: Apache-2.0

package import RucheTrackers
package import RucheWire

/// What a web seed has proved to be worth, file by file.
///
/// Owner: `WebSeedPeer`. A missing or different file says nothing about the rest of its server; a server that is down
/// says nothing about its files.
package struct WebSeedStanding: Sendable {
    /// Files that are not requested again.
    package private(set) var struckFiles: Set<Int> = []
    /// Nothing is requested from it again.
    package private(set) var isGivenUp = false
    /// It is not contacted before this time.
    package private(set) var mayConnectAt = Instant.zero
    private var failureCount = 0

    package init() {}

    /// Handles a failed request. `file` is the requested one; nil if it did not get so far.
    package mutating func handleFailure(_ consequence: WebSeedError.Consequence, ofFile file: Int?, at now: Instant) {
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

    /// Handles a complete run of blocks.
    package mutating func handleSuccess() { failureCount = 0 }

    /// Handles a disconnection by the swarm, or a lack of room.
    package mutating func handleDisconnected(at now: Instant) { mayConnectAt = now + WebSeedLimits.shortestPause }

    /// Gives up a web seed that has nothing to send, or has sent something wrong.
    package mutating func giveUp() { isGivenUp = true }
}

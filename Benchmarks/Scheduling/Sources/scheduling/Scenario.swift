// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting

/// A named crowd, and the crowd it is compared with, if any.
struct Scenario {
    let name: String
    let title: String
    let crowd: Crowd
    /// The same crowd without its free riders.
    var withoutRiders: Crowd?

    /// The result of a scenario.
    struct Outcome {
        let scenario: Scenario
        let result: CrowdResult
        let withoutRiders: CrowdResult?
    }

    func run(seed: UInt64) throws -> Outcome {
        Outcome(
            scenario: self,
            result: try crowd.run(seed: seed),
            withoutRiders: try withoutRiders?.run(seed: seed)
        )
    }

    /// All scenarios, each with this number of peers.
    static func all(peers: Int) -> [Scenario] {
        [flashCrowd(peers), mixedUplinks(peers), joining(peers), leaving(peers), freeRiders(peers)]
    }

    // MARK: - Scenarios

    private static func flashCrowd(_ peers: Int) -> Scenario {
        Scenario(name: "flash-crowd", title: "\(peers) equal peers at once", crowd: crowd([home(peers)]))
    }

    private static func mixedUplinks(_ peers: Int) -> Scenario {
        var fast = link
        fast.uplinkBytesPerSecond *= 10
        fast.downlinkBytesPerSecond *= 10
        let groups = [home(peers - peers / 2), Crowd.Group(peers / 2, fast)]
        return Scenario(name: "mixed-uplinks", title: "Half with ten times the uplink", crowd: crowd(groups))
    }

    private static func joining(_ peers: Int) -> Scenario {
        var crowd = crowd([home(peers)])
        crowd.arrival = .poisson(perSecond: Double(peers) / 250)
        return Scenario(name: "joining", title: "Joining over 250 s", crowd: crowd)
    }

    private static func leaving(_ peers: Int) -> Scenario {
        var crowd = crowd([home(peers)])
        crowd.departure = .onCompletion(share: 0.3)
        return Scenario(name: "leaving", title: "30 % leave once complete", crowd: crowd)
    }

    private static func freeRiders(_ peers: Int) -> Scenario {
        var alone = crowd([home(peers - peers / 5)])
        alone.departure = .onEvenRatio
        var crowd = alone
        crowd.groups.append(Crowd.Group(peers / 5, link, .freeRider))
        return Scenario(name: "free-riders", title: "20 % never share", crowd: crowd, withoutRiders: alone)
    }

    // MARK: - Parameters

    /// 1 Mbit/s up, 8 Mbit/s down.
    private static let link = LinkCapacity(uplinkBytesPerSecond: 128 << 10, downlinkBytesPerSecond: 1 << 20)

    private static func home(_ count: Int) -> Crowd.Group { Crowd.Group(count, link) }

    private static func crowd(_ groups: [Crowd.Group]) -> Crowd {
        var seed = link
        seed.uplinkBytesPerSecond *= 4
        var crowd = Crowd(seed: seed, groups)
        crowd.limits.peersPerTorrent = 50
        return crowd
    }
}

// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire

/// The regions of nodes, and the delays of datagrams between them.
enum Regions {
    /// Round trips between large sites in milliseconds, from public measurements of clouds and of RIPE Atlas: North
    /// America east and west, Europe, South America, East Asia, South Asia, Oceania.
    private static let roundTrips = [
        [12, 65, 85, 120, 170, 200, 205],
        [65, 12, 145, 175, 110, 230, 145],
        [85, 145, 15, 195, 230, 130, 270],
        [120, 175, 195, 15, 270, 310, 310],
        [170, 110, 230, 270, 25, 75, 110],
        [200, 230, 130, 310, 75, 20, 150],
        [205, 145, 270, 310, 110, 150, 12],
    ]
    /// Nodes per hundred in each region.
    private static let shares = [15, 10, 40, 8, 15, 9, 3]

    /// A node's region, and the delay of its own line.
    struct Place {
        let region: Int
        let line: Interval
    }

    static func makePlace(using random: inout SeededRandom) -> Place {
        var left = Int.random(in: 0..<100, using: &random)
        let region = shares.firstIndex { share in
            left -= share
            return left < 0
        }
        return Place(region: region ?? 0, line: .milliseconds(Int.random(in: 1...10, using: &random)))
    }

    /// Returns the delay of one datagram.
    static func delay(from a: Place, to b: Place, using random: inout SeededRandom) -> Interval {
        let way = Interval.milliseconds(roundTrips[a.region][b.region]) / 2
        return way + a.line + b.line + Interval.milliseconds(Int.random(in: 0...3, using: &random))
    }
}

// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheHTTP

struct DialRaceTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    @Test("Families alternate, starting with the resolver's first, up to the limit")
    func order() throws {
        let v4 = (1...4).map { IPAddress(v4: $0) }
        let v6 = try (1...4).map { try #require(IPAddress("2001:db8::\($0)")) }
        #expect(drain(v6 + v4) == [v6[0], v4[0], v6[1], v4[1]])
        #expect(drain([v4[0], v4[1], v6[0]]) == [v4[0], v6[0], v4[1]])
        #expect(drain([v4[0]]) == [v4[0]] && drain([]).isEmpty)
    }

    @Test("Each address has its head start, which a failure ends")
    func headStarts() {
        let addresses = (1...4).map { IPAddress(v4: $0) }
        let limits = HTTPLimits()
        var race = DialRace(addresses, limits: limits)
        var dialled = [race.nextAddress(at: start), race.nextAddress(at: start)]
        let second = start + limits.connectHeadStart
        var wakes = [race.nextWake]
        dialled += [race.nextAddress(at: second), race.nextAddress(at: second)]
        race.handleFailure()
        dialled += [race.nextAddress(at: second), race.nextAddress(at: second)]
        wakes.append(race.nextWake)
        #expect(dialled == [addresses[0], nil, addresses[1], nil, addresses[2], nil])
        #expect(wakes == [second, second + limits.connectHeadStart])
    }

    @Test("The race is lost once every address has failed, and sets no useless wake-ups")
    func lost() {
        var race = DialRace([IPAddress(v4: 1)], limits: HTTPLimits())
        let first = race.nextAddress(at: start)
        let (wake, isLostAtFirst) = (race.nextWake, race.isLost)
        race.handleFailure()
        let isLost = race.isLost
        #expect(first == IPAddress(v4: 1) && wake == nil && !isLostAtFirst && isLost)
    }

    private func drain(_ addresses: [IPAddress]) -> [IPAddress] {
        var race = DialRace(addresses, limits: HTTPLimits())
        var found: [IPAddress] = []
        while let address = race.nextAddress(at: start) {
            found.append(address)
            race.handleFailure()
        }
        return found
    }
}

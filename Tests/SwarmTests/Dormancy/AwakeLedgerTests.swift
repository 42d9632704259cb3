// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheWire
import Testing

@Suite struct AwakeLedgerTests {
    private let start = Instant.zero + .minutes(1)

    private func group(_ number: Int) throws -> AddressGroup { try #require(IPAddress("10.0.0.\(number)")).group }

    @Test func `While there is room, one address may wake everything`() throws {
        var ledger = AwakeLedger(limit: 3)
        for number in 0..<3 { #expect(ledger.admit(number, for: try group(1), at: start) == .wake) }
        #expect(!ledger.hasRoom)
        #expect(ledger.admit(1, for: try group(1), at: start) == .wake, "it is awake")
        #expect(ledger.admit(3, for: try group(2), at: start) == .refuse, "nothing is known of the others yet")
        ledger.handleAsleep(0)
        #expect(ledger.hasRoom)
        #expect(ledger.admit(3, for: try group(2), at: start) == .wake)
    }

    @Test func `A torrent that exchanges nothing makes room, the longest unused first`() throws {
        var ledger = AwakeLedger(limit: 3)
        for number in 0..<3 { #expect(ledger.admit(number, for: try group(number), at: start) == .wake) }
        let later = start + AwakeLedger.uselessAfter
        ledger.note(0, byteCount: 0, mayYield: true, at: start)
        ledger.note(1, byteCount: 5, mayYield: true, at: later)
        ledger.note(2, byteCount: 0, mayYield: false, at: later)
        #expect(ledger.admit(7, for: try group(9), at: start + .seconds(9)) == .refuse, "all may be of use")
        #expect(ledger.admit(7, for: try group(9), at: later) == .wakeAfter(0))
        #expect(ledger.admit(8, for: try group(8), at: later) == .refuse, "one works, one must stay, one is new")
        #expect(ledger.admit(8, for: try group(8), at: later + AwakeLedger.uselessAfter) == .wakeAfter(1))
    }

    @Test func `The address that woke the most makes room for one with less`() throws {
        var ledger = AwakeLedger(limit: 4)
        for number in 0..<4 {
            #expect(ledger.admit(number, for: try group(1), at: start) == .wake)
            ledger.note(number, byteCount: number, mayYield: true, at: start + .seconds(Int64(number)))
        }
        let now = start + .seconds(Int64(5))
        #expect(ledger.admit(5, for: try group(1), at: now) == .refuse, "it has its share")
        #expect(ledger.admit(6, for: try group(2), at: now) == .wakeAfter(0))
        #expect(ledger.admit(7, for: try group(3), at: now) == .wakeAfter(1))
        #expect(ledger.admit(8, for: try group(2), at: now) == .refuse, "it would only take turns")
    }

    @Test func `The user may wake any number, and none is forgotten`() {
        var ledger = AwakeLedger(limit: 2)
        for number in 0..<5 { ledger.handleWaking(number, at: start) }
        for number in 0..<3 {
            #expect(!ledger.hasRoom)
            ledger.handleAsleep(number)
        }
        #expect(!ledger.hasRoom)
        ledger.handleAsleep(3)
        #expect(ledger.hasRoom)
    }
}

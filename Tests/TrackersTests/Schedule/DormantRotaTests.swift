// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheTrackers

@Suite struct DormantRotaTests {
    private func at(_ seconds: Int) -> Instant { Instant(nanoseconds: Int64(seconds) * 1_000_000_000) }

    @Test("Torrents are due in the order of their times, each once")
    func order() {
        var rota = DormantRota(perHost: 1)
        for (id, time) in [(1, 30), (2, 10), (3, 20)] { rota.wait(id, until: at(time)) }
        rota.wait(1, until: at(5))
        #expect(rota.nextTime() == at(5))
        #expect(rota.nextDue(at: at(4)) == nil)
        #expect(rota.nextDue(at: at(40)) == 1 && rota.nextDue(at: at(40)) == 2)
        rota.remove(3)
        #expect(rota.nextDue(at: at(40)) == nil && rota.nextTime() == nil && rota.count == 0)
    }

    @Test("A host that does not answer delays no other")
    func hosts() {
        var rota = DormantRota(perHost: 2)
        for id in 1...5 { rota.lineUp(id, at: "dead") }
        rota.lineUp(6, at: "alive")
        #expect(rota.nextTurn(at: "dead") == 1 && rota.nextTurn(at: "dead") == 2 && rota.nextTurn(at: "dead") == nil)
        #expect(rota.nextTurn(at: "alive") == 6)
        // One that has left the queue is skipped; one that left during its turn is not wanted back.
        rota.remove(3)
        rota.remove(1)
        let isFirstWanted = rota.handleReturn(of: 1, from: "dead")
        #expect(!isFirstWanted)
        #expect(rota.nextTurn(at: "dead") == 4 && rota.nextTurn(at: "dead") == nil)
        let isSecondWanted = rota.handleReturn(of: 2, from: "dead")
        #expect(isSecondWanted)
        rota.wait(2, until: at(9))
        #expect(rota.nextTurn(at: "dead") == 5)
        #expect(rota.nextDue(at: at(9)) == 2)
    }
}

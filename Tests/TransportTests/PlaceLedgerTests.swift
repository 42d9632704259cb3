// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheTransport

@Suite("Places by address")
struct PlaceLedgerTests {
    private func group(_ number: UInt32) -> AddressGroup { IPAddress(v4: number).group }

    private func ledger(_ places: Int, strangers: Int = 1_000) -> PlaceLedger {
        PlaceLedger(limits: PlaceLimits(places: places, strangers: strangers))
    }

    @Test("While there is room, one address may take all of it")
    func room() {
        var ledger = ledger(10)
        for _ in 0..<10 { #expect(ledger.admit(group(1), isStranger: true, at: .zero) != .refused) }
        #expect(ledger.admit(group(1), isStranger: true, at: .zero) == .refused && ledger.share(of: group(1)) == 10)
    }

    @Test("A full ledger gives a newcomer the place of the largest share, until shares are equal")
    func shares() {
        var ledger = ledger(10)
        for _ in 0..<10 { _ = ledger.admit(group(1), isStranger: false, at: .zero) }
        var admitted = 0
        for _ in 0..<10 where ledger.admit(group(2), isStranger: false, at: .zero) != .refused { admitted += 1 }
        #expect(admitted == 5 && ledger.share(of: group(1)) == 5 && ledger.count == 10)
        for number in 3...10 as ClosedRange<UInt32> {
            #expect(ledger.admit(group(number), isStranger: false, at: .zero) != .refused)
        }
        #expect((1...10).allSatisfy { ledger.share(of: group($0)) == 1 })
        #expect(ledger.admit(group(11), isStranger: false, at: .zero) == .refused)
    }

    @Test("An IPv6 /64 is one address")
    func v6() {
        var ledger = ledger(8)
        for low in 0..<8 as Range<UInt64> {
            let address = IPAddress(v6High: 0x2001_0db8_0000_0001, low: low)
            #expect(ledger.admit(address.group, isStranger: true, at: .zero) != .refused)
        }
        let same = IPAddress(v6High: 0x2001_0db8_0000_0001, low: 99).group
        #expect(ledger.admit(same, isStranger: true, at: .zero) == .refused)
        let other = IPAddress(v6High: 0x2001_0db8_0000_0002, low: 99).group
        #expect(ledger.admit(other, isStranger: true, at: .zero) != .refused)
    }

    @Test("Of one address, connections without a handshake yield first, then idle ones, then busy ones")
    func order() throws {
        var ledger = ledger(4)
        var ids: [PlaceLedger.ID] = []
        for second in 0..<4 as Range<Int64> {
            ids.append(try #require(ledger.admit(group(1), isStranger: false, at: .zero + .seconds(second)).id))
        }
        let later = Instant.zero + .seconds(10)
        ledger.note(.busy, of: ids[0], at: later)
        ledger.note(.idle, of: ids[1], at: later)
        var yielded: [PlaceLedger.ID?] = []
        for number in 2...4 as ClosedRange<UInt32> {
            yielded.append(ledger.admit(group(number), isStranger: false, at: later).yielding)
        }
        #expect(yielded == [ids[2], ids[3], ids[1]] && ledger.contains(ids[0]))
    }

    @Test("Among equals the one that has been useless for long yields, and no useful one")
    func turnover() throws {
        var ledger = ledger(3)
        var ids: [PlaceLedger.ID] = []
        for number in 1...3 as ClosedRange<UInt32> {
            ids.append(try #require(ledger.admit(group(number), isStranger: false, at: .zero).id))
        }
        ledger.note(.busy, of: ids[0], at: .zero)
        ledger.note(.idle, of: ids[1], at: .zero)
        ledger.note(.busy, of: ids[2], at: .zero)
        #expect(ledger.admit(group(4), isStranger: true, at: .zero + .seconds(59)) == .refused)
        let yielding = ledger.admit(group(4), isStranger: true, at: .zero + .seconds(61)).yielding
        #expect(yielding == ids[1], "it has been idle for long")
        // The newcomer itself does not complete its handshake.
        #expect(ledger.admit(group(5), isStranger: true, at: .zero + .seconds(65)) == .refused)
        #expect(ledger.admit(group(5), isStranger: true, at: .zero + .seconds(67)) != .refused)
    }

    @Test("Strangers have no more than their share, by the same rule")
    func strangers() {
        var ledger = ledger(10, strangers: 4)
        for _ in 0..<4 { _ = ledger.admit(group(1), isStranger: true, at: .zero) }
        #expect(ledger.admit(group(1), isStranger: true, at: .zero) == .refused)
        #expect(ledger.admit(group(2), isStranger: true, at: .zero) != .refused)
        #expect(ledger.strangerCount == 4 && ledger.count == 4)
        for _ in 0..<6 { #expect(ledger.admit(group(1), isStranger: false, at: .zero) != .refused) }
    }

    @Test("Whatever one address does, others get their share", arguments: 1...100 as ClosedRange<UInt64>)
    func model(seed: UInt64) {
        var model = LedgerModel(seed: seed)
        for _ in 0..<500 { model.step() }
        #expect(model.refusedHonestCount == 0, "seed \(seed)")
        #expect(model.yieldedCount > 0, "seed \(seed)")
    }
}

extension PlaceLedger.Admission {
    fileprivate var id: PlaceLedger.ID? { if case .admitted(let id, _) = self { id } else { nil } }
    fileprivate var yielding: PlaceLedger.ID? { if case .admitted(_, let yielding) = self { yielding } else { nil } }
}

/// An attacker at one address that opens, closes and pretends as it likes; honest newcomers, one per address; and a
/// model of who should hold what.
private struct LedgerModel {
    private static let limit = 24
    private static let honestLimit: UInt32 = 12

    private var ledger = PlaceLedger(limits: PlaceLimits(places: limit, strangers: 16))
    private var held: [PlaceLedger.ID: AddressGroup] = [:]
    private var random: SeededRandom
    private var now = Instant.zero
    private(set) var refusedHonestCount = 0
    private(set) var yieldedCount = 0
    private let attacker = IPAddress(v4: 0x0a00_0001).group

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func step() {
        now = now + .milliseconds(Int.random(in: 0...3_000, using: &random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0: comeHonestly()
        case 1: leave()
        case 2: pretend()
        default: _ = admit(attacker)
        }
        check()
    }

    private mutating func comeHonestly() {
        let group = IPAddress(v4: 0x0b00_0000 + .random(in: 0..<Self.honestLimit, using: &random)).group
        guard ledger.share(of: group) == 0 else { return }
        if !admit(group) { refusedHonestCount += 1 }
    }

    private mutating func admit(_ group: AddressGroup) -> Bool {
        let before = held
        let isStranger = Bool.random(using: &random)
        let isAmongStrangers = isStranger && ledger.strangerCount >= 16
        let hadRoom = held.count < Self.limit && !isAmongStrangers
        switch ledger.admit(group, isStranger: isStranger, at: now) {
        case .refused:
            #expect(!hadRoom, "refused while there is room")
            return false
        case .admitted(let id, let yielding):
            if let yielding {
                #expect(!hadRoom && before[yielding] != nil)
                yieldedCount += 1
                held[yielding] = nil
                let share = before.values.count { $0 == before[yielding] }
                let own = before.values.count { $0 == group }
                #expect(isAmongStrangers || before[yielding] == group || share > own, "a smaller share has yielded")
            }
            held[id] = group
            return true
        }
    }

    private mutating func leave() {
        guard let id = held.keys.sorted().randomElement(using: &random) else { return }
        if Bool.random(using: &random) { ledger.handleAdopted(id) }
        ledger.release(id)
        ledger.release(id)
        held[id] = nil
    }

    private mutating func pretend() {
        guard let id = held.keys.sorted().randomElement(using: &random) else { return }
        ledger.handleAdopted(id)
        ledger.note(Bool.random(using: &random) ? .busy : .idle, of: id, at: now)
    }

    private func check() {
        #expect(ledger.count == held.count && ledger.count <= Self.limit && ledger.strangerCount <= 16)
        #expect(held.keys.allSatisfy { ledger.contains($0) })
        #expect(ledger.share(of: attacker) == held.values.count { $0 == attacker })
    }
}

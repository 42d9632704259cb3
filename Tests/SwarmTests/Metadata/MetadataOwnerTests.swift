// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Metadata from owners at several addresses at once (BEP 9)")
struct MetadataOwnerTests {
    private static let size = 40_000
    private static let limitBytes = 1 << 20
    private let now = Instant.zero + .seconds(100)
    private let bytes: [UInt8]

    init() {
        var random = SeededRandom(seed: 7)
        bytes = random.nextBytes(count: Self.size)
    }

    private func peer(_ number: Int) -> PeerSlot { PeerSlot(rawValue: UInt32(number)) }

    private func part(_ index: Int) -> [UInt8] {
        Array(bytes[index * 16_384..<min(Self.size, (index + 1) * 16_384)])
    }

    /// A download that one of several peers has sent wrong metadata. Peers are at the addresses of these numbers, by
    /// slot.
    private func makeDownload(addresses: [Int], seed: UInt64 = 1) -> MetadataDownload {
        var download = MetadataDownload(limitBytes: Self.limitBytes, seed: seed)
        for liar in [998, 999] { _ = download.handleOffer(size: 20_000, from: peer(liar), at: IPAddress(v4: 7), now) }
        for (index, liar) in [998, 999].enumerated() {
            _ = download.nextRequest(for: peer(liar), at: now)
            let junk = [UInt8](repeating: 0, count: index == 0 ? 16_384 : 20_000 - 16_384)
            let progress = download.handleData(part: index, totalSize: nil, bytes: junk, from: peer(liar), at: now)
            if case .judge(let candidate, _) = progress {
                let liar = download.handleWrong(candidate, at: now)
                #expect(liar == nil)
            }
        }
        for liar in [998, 999] { download.handleLeft(peer(liar), at: now) }
        #expect(!download.isSharing)
        for (slot, address) in addresses.enumerated() { offer(slot, at: address, &download, now) }
        return download
    }

    private func offer(_ slot: Int, at address: Int, _ download: inout MetadataDownload, _ now: Instant) {
        _ = download.handleOffer(size: Self.size, from: peer(slot), at: IPAddress(v4: UInt32(address)), now)
    }

    /// Lets time pass until `giver`, which takes `partTime` for each part, has sent everything; the others stay silent.
    private func seconds(_ download: inout MetadataDownload, giver: Int, partTime: Interval, limit: Int64) -> Double? {
        var time = now
        var owed: (part: Int, at: Instant)?
        while time < now + .seconds(limit) {
            for slot in download.peersInTurn() {
                guard let part = download.nextRequest(for: slot, at: time), slot == peer(giver) else { continue }
                owed = (part, time + partTime)
            }
            if let answer = owed, answer.at <= time {
                owed = nil
                let bytes = part(answer.part)
                if case .judge(_, let parts) = download.handleData(
                    part: answer.part,
                    totalSize: nil,
                    bytes: bytes,
                    from: peer(giver),
                    at: time
                ), parts.flatMap({ $0 }) == self.bytes {
                    return (time - now).seconds
                }
            }
            time = time + SwarmTiming.tick
            download.handleTick(at: time)
        }
        return nil
    }

    @Test("An address has one candidate at a time, however many connections it has")
    func oneEach() {
        var download = makeDownload(addresses: [Int](repeating: 1, count: 32) + [2])
        let asked = (0...32).map { download.nextRequest(for: peer($0), at: now) }
        #expect(asked == [0] + [Int?](repeating: nil, count: 31) + [0])
    }

    @Test(
        "Silent connections from one address do not delay an owner at another",
        arguments: 1...8 as ClosedRange<UInt64>
    )
    func oneAddress(seed: UInt64) throws {
        var download = makeDownload(addresses: [Int](repeating: 1, count: 32) + [2], seed: seed)
        let seconds = try #require(seconds(&download, giver: 32, partTime: .milliseconds(100), limit: 60))
        #expect(seconds <= 3)
    }

    @Test("Silent owners at more addresses than there are places are replaced", arguments: 1...8 as ClosedRange<UInt64>)
    func manyAddresses(seed: UInt64) throws {
        var download = makeDownload(addresses: Array(1...13), seed: seed)
        let seconds = try #require(seconds(&download, giver: 12, partTime: .milliseconds(100), limit: 60))
        // Four rounds of three seconds are enough for all of them.
        #expect(seconds <= 15)
    }

    @Test("A slow but honest owner gets more time on each attempt", arguments: 1...8 as ClosedRange<UInt64>)
    func slow(seed: UInt64) {
        var download = makeDownload(addresses: Array(1...8), seed: seed)
        #expect(seconds(&download, giver: 7, partTime: .seconds(8), limit: 600) != nil)
    }

    @Test("Candidates together use no more than twice the limit, and there can always be one")
    func budget() {
        var download = makeDownload(addresses: [])
        for number in 0..<4 {
            let address = IPAddress(v4: UInt32(number + 1))
            _ = download.handleOffer(size: Self.limitBytes, from: peer(number), at: address, now)
        }
        let asked = (0..<4).map { download.nextRequest(for: peer($0), at: now) }
        #expect(asked == [0, 0, nil, nil])
    }

    @Test("An address that stayed silent comes after others when it returns")
    func reconnecting() {
        var download = makeDownload(addresses: [1])
        let later = now + .seconds(3)
        #expect(download.nextRequest(for: peer(0), at: now) == 0)
        download.handleLeft(peer(0), at: later)
        offer(0, at: 1, &download, later)
        offer(1, at: 2, &download, later)
        let order = download.peersInTurn()
        #expect(order == [peer(1), peer(0)])
        #expect(download.nextRequest(for: peer(0), isInTurn: false, at: later) == nil)
    }

    @Test("A peer that gets a liar's slot is not mistaken for the liar")
    func slotUsedAgain() {
        var download = MetadataDownload(limitBytes: Self.limitBytes, seed: 1)
        offer(0, at: 1, &download, now)
        for index in 0..<3 { _ = giveJunk(&download, index) }
        let judged = download.judged.map(\.id)
        #expect(judged.count == 1)
        download.handleLeft(peer(0), at: now)
        offer(0, at: 2, &download, now)
        let liar = download.handleWrong(judged[0], at: now)
        #expect(liar == nil)
    }

    private func giveJunk(_ download: inout MetadataDownload, _ index: Int) -> MetadataDownload.Progress {
        _ = download.nextRequest(for: peer(0), at: now)
        let junk = [UInt8](repeating: 0, count: part(index).count)
        return download.handleData(part: index, totalSize: nil, bytes: junk, from: peer(0), at: now)
    }
}

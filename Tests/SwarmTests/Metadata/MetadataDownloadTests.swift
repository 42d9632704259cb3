// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Metadata from peers (BEP 9)")
struct MetadataDownloadTests {
    private let bytes: [UInt8]
    private let now = Instant.zero + .seconds(100)
    private let patience = Interval.seconds(10)

    init() {
        var random = SeededRandom(seed: 7)
        bytes = random.nextBytes(count: 40_000)
    }

    private func makeDownload(limitBytes: Int = 1 << 20) -> MetadataDownload {
        MetadataDownload(limitBytes: limitBytes, seed: 1)
    }

    private func peer(_ number: UInt32) -> PeerSlot { PeerSlot(rawValue: number) }

    /// Each peer has an address of its own by default.
    private func address(_ peer: PeerSlot) -> IPAddress { IPAddress(v4: 0x0a00_0000 | peer.rawValue) }

    private func part(_ index: Int, isWrong: Bool = false) -> [UInt8] {
        var part = Array(bytes[index * 16_384..<min(bytes.count, (index + 1) * 16_384)])
        if isWrong { part[0] ^= 1 }
        return part
    }

    private enum Outcome: Equatable {
        case unexpected
        case partial
        case complete
        /// With the one peer that sent all of it.
        case wrong(PeerSlot?)
    }

    /// A part arrives; complete metadata is judged at once.
    private func give(
        _ download: inout MetadataDownload,
        _ index: Int,
        total: Int? = nil,
        _ data: [UInt8],
        from peer: PeerSlot,
        at now: Instant
    ) -> Outcome {
        switch download.handleData(part: index, totalSize: total, bytes: data, from: peer, at: now) {
        case .unexpected: return .unexpected
        case .partial: return .partial
        case .judge(let candidate, let parts):
            if parts.flatMap({ $0 }) == bytes { return .complete }
            return .wrong(download.handleWrong(candidate, at: now))
        }
    }

    /// Asks each of `peers` in turn until none is asked any more. Returns the last progress.
    private func run(
        _ download: inout MetadataDownload,
        _ peers: [PeerSlot],
        liars: Set<PeerSlot> = [],
        at now: Instant
    ) -> Outcome? {
        var last: Outcome?
        while true {
            var wasAsked = false
            for peer in peers {
                guard let index = download.nextRequest(for: peer, at: now) else { continue }
                wasAsked = true
                let data = part(index, isWrong: liars.contains(peer))
                let outcome = give(&download, index, data, from: peer, at: now)
                last = outcome
                if outcome == .partial { continue }
                return outcome
            }
            if !wasAsked { return last }
        }
    }

    @Test("If a link has both hashes, both must match", arguments: [true, false], [true, false])
    func bothHashes(isV1Right: Bool, isV2Right: Bool) throws {
        let other: [UInt8] = [1]
        let hashes = try #require(
            InfoHashes(v1: SHA1.hash(isV1Right ? bytes : other), v2: SHA256.hash(isV2Right ? bytes : other))
        )
        let parts = (0..<3).map { part($0) }
        #expect(MetadataCheck.bytes(of: parts, matching: hashes) == (isV1Right && isV2Right ? bytes : nil))
    }

    @Test("Parts come from all peers that offer them, one at a time each")
    func severalPeers() throws {
        var download = makeDownload()
        for number in 0..<2 {
            #expect(
                download.handleOffer(
                    size: bytes.count,
                    from: peer(UInt32(number)),
                    at: address(peer(UInt32(number))),
                    now
                )
                    == true
            )
        }
        #expect(download.nextRequest(for: peer(0), at: now) == 0)
        #expect(download.nextRequest(for: peer(0), at: now) == nil)
        #expect(download.nextRequest(for: peer(1), at: now) == 1)
        #expect(give(&download, 1, part(1), from: peer(1), at: now) == .partial)
        #expect(download.nextRequest(for: peer(1), at: now) == 2)
        #expect(give(&download, 2, part(2), from: peer(1), at: now) == .partial)
        #expect(give(&download, 0, part(0), from: peer(0), at: now) == .complete)
    }

    @Test("Unrequested parts, and parts of another length, are not accepted")
    func unexpected() throws {
        var download = makeDownload()
        _ = download.handleOffer(size: bytes.count, from: peer(0), at: address(peer(0)), now)
        #expect(give(&download, 0, part(0), from: peer(0), at: now) == .unexpected)
        #expect(download.nextRequest(for: peer(0), at: now) == 0)
        #expect(give(&download, 0, part(2), from: peer(0), at: now) == .unexpected)
        #expect(give(&download, 0, total: 7, part(0), from: peer(0), at: now) == .unexpected)
        #expect(give(&download, 0, part(0), from: peer(1), at: now) == .unexpected)
        #expect(give(&download, -1, part(0), from: peer(0), at: now) == .unexpected)
        #expect(give(&download, .max, part(0), from: peer(0), at: now) == .unexpected)
        #expect(give(&download, 0, part(0), from: peer(0), at: now) == .partial)
        #expect(give(&download, 0, part(0), from: peer(0), at: now) == .unexpected)
    }

    @Test("A size beyond the limit is refused", arguments: [0, -1, 1_025, Int.max])
    func oversize(size: Int) throws {
        var download = makeDownload(limitBytes: 1_024)
        #expect(download.handleOffer(size: size, from: peer(0), at: address(peer(0)), now) == false)
        #expect(download.nextRequest(for: peer(0), at: now) == nil)
    }

    @Test("A lone liar is named, and the next peer sends correct metadata")
    func loneLiar() throws {
        var download = makeDownload()
        _ = download.handleOffer(size: bytes.count, from: peer(0), at: address(peer(0)), now)
        #expect(run(&download, [peer(0)], liars: [peer(0)], at: now) == .wrong(peer(0)))
        download.handleLeft(peer(0), at: now)
        _ = download.handleOffer(size: bytes.count, from: peer(1), at: address(peer(1)), now)
        #expect(run(&download, [peer(1)], at: now) == .complete)
    }

    @Test("A liar among others is found by asking one peer at a time")
    func mixedLiar() throws {
        var download = makeDownload()
        let peers = [peer(0), peer(1), peer(2)]
        for peer in peers { _ = download.handleOffer(size: bytes.count, from: peer, at: address(peer), now) }
        #expect(run(&download, peers, liars: [peer(0)], at: now) == .wrong(nil))
        #expect(run(&download, peers, liars: [peer(0)], at: now) == .wrong(peer(0)))
        download.handleLeft(peer(0), at: now)
        #expect(run(&download, peers, at: now) == .complete)
    }

    @Test("A single source that falls silent half way does not delay the metadata")
    func silentSingleSource() throws {
        var download = makeDownload()
        let peers = [peer(0), peer(1), peer(2)]
        for peer in peers { _ = download.handleOffer(size: bytes.count, from: peer, at: address(peer), now) }
        #expect(run(&download, peers, liars: [peer(2)], at: now) == .wrong(nil))
        #expect(download.nextRequest(for: peer(0), at: now) == 0)
        #expect(give(&download, 0, part(0), from: peer(0), at: now) == .partial)
        #expect(download.nextRequest(for: peer(0), at: now) == 1)
        #expect(run(&download, [peer(1)], at: now) == .complete)
    }

    @Test("What a peer does not answer is requested from another, and the peer rests")
    func timeouts() throws {
        var download = makeDownload()
        for number in 0..<2 {
            _ = download.handleOffer(
                size: bytes.count,
                from: peer(UInt32(number)),
                at: address(peer(UInt32(number))),
                now
            )
        }
        #expect(download.nextRequest(for: peer(0), at: now) == 0)
        #expect(download.nextRequest(for: peer(1), at: now) == 1)
        #expect(give(&download, 1, part(1), from: peer(1), at: now) == .partial)
        download.handleTick(at: now + patience)
        #expect(download.nextRequest(for: peer(0), at: now + patience) == nil)
        #expect(run(&download, [peer(1)], at: now + patience) == .complete)
    }

    @Test("A crowd that offers a wrong size and sends nothing does not exclude the one peer with the right size")
    func silentCrowd() throws {
        var download = makeDownload()
        for number in 1...3 {
            _ = download.handleOffer(size: 99, from: peer(UInt32(number)), at: address(peer(UInt32(number))), now)
        }
        _ = download.handleOffer(size: bytes.count, from: peer(0), at: address(peer(0)), now)
        for number in 1...3 { _ = download.nextRequest(for: peer(UInt32(number)), at: now) }
        #expect(run(&download, [peer(0)], at: now) == .complete)
    }

    @Test("A wrong size is dropped with the peers that named it")
    func leaving() throws {
        var download = makeDownload()
        _ = download.handleOffer(size: 99, from: peer(1), at: address(peer(1)), now)
        #expect(download.nextRequest(for: peer(1), at: now) == 0)
        _ = download.handleOffer(size: bytes.count, from: peer(0), at: address(peer(0)), now)
        download.handleLeft(peer(1), at: now)
        #expect(download.candidates.isEmpty)
        #expect(run(&download, [peer(0)], at: now) == .complete)
    }

    // MARK: - Addresses

    private func offer(_ count: UInt32, from first: UInt32, at address: UInt32, to download: inout MetadataDownload) {
        for number in first..<first + count {
            _ = download.handleOffer(size: bytes.count, from: peer(number), at: IPAddress(v4: address), now)
        }
    }

    @Test("A late part is soon requested from another address, and from no more than a few")
    func lateParts() throws {
        var download = makeDownload()
        for number in 0..<5 as Range<UInt32> { offer(1, from: number, at: number, to: &download) }
        let asked = (0..<5).map { download.nextRequest(for: peer($0), at: now) }
        #expect(asked == [0, 1, 2, nil, nil])
        let later = now + SwarmTiming.lateMetadata
        #expect(download.nextRequest(for: peer(3), at: later) == 0)
        #expect(give(&download, 0, part(0), from: peer(3), at: now) == .partial)
        #expect(download.nextRequest(for: peer(3), at: later) == 1)
        // The first peer's answer arrives after all: no peer is to blame.
        #expect(give(&download, 0, part(0), from: peer(0), at: now) == .partial)
    }

    @Test("32 silent connections from one address delay the metadata only briefly")
    func silentAddress() throws {
        var download = makeDownload()
        offer(32, from: 0, at: 1, to: &download)
        let asked = (0..<32).compactMap { download.nextRequest(for: peer($0), at: now) }
        #expect(asked.count == 2, "few parts are requested from an address that sent nothing")
        offer(1, from: 32, at: 2, to: &download)
        var time = now
        while time < now + .seconds(3) {
            if run(&download, [peer(32)], at: time) == .complete { return }
            time = time + SwarmTiming.tick
            download.handleTick(at: time)
            for peer in download.peersInTurn() where peer.rawValue < 32 {
                _ = download.nextRequest(for: peer, at: time)
            }
        }
        Issue.record("not after \(time - now)")
    }

    @Test("32 connections from one address that name another size have one vote, and delay nothing for long")
    func falseSizeFromOneAddress() throws {
        var download = makeDownload()
        for number in 0..<32 as Range<UInt32> {
            _ = download.handleOffer(size: 99, from: peer(number), at: IPAddress(v4: 1), now)
            _ = download.nextRequest(for: peer(number), at: now)
        }
        offer(1, from: 32, at: 2, to: &download)
        var time = now
        while time < now + .seconds(4) {
            if run(&download, [peer(32)], at: time) == .complete { return }
            time = time + SwarmTiming.tick
            download.handleTick(at: time)
            for peer in download.peersInTurn() where peer.rawValue < 32 {
                _ = download.nextRequest(for: peer, at: time)
            }
        }
        Issue.record("not after \(time - now)")
    }
}

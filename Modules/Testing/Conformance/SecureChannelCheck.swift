// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
public import RucheTransport

/// Checks a kind of secure channel against what `SecureChannel` promises, and returns what it breaks; empty if it conforms.
///
/// Two sides shake hands and exchange bytes that are cut at every size from one byte up. Garbage and changed handshakes must
/// neither trap nor go on without an outcome beyond `handshakeByteLimit`. A `seed` replays the same bytes.
public func checkSecureChannel(_ offer: ChannelOffer, seed: UInt64 = 1) -> [String] {
    let check = SecureChannelCheck(offer)
    for mustSeal in [false, true] {
        for size in [1, 2, 3, 7, 48, 96, 500, 5_000, 100_000] {
            check.exchange(inChunksOf: size, mustSeal: mustSeal, seed: seed &+ UInt64(size))
        }
    }
    for offset in 0..<UInt64(64) { check.garbage(seed: seed &+ offset) }
    for offset in 0..<UInt64(200) { check.changedHandshake(seed: seed &+ offset) }
    return check.violations
}

/// What has been found so far about one kind.
private final class SecureChannelCheck {
    private(set) var violations: [String] = []

    private let offer: ChannelOffer
    private let swarm: SHA1Digest
    private let other: SHA1Digest

    init(_ offer: ChannelOffer) {
        self.offer = offer
        var sha1 = SHA1()
        other = sha1.finish()
        sha1 = SHA1()
        sha1.update([1])
        swarm = sha1.finish()
    }

    private func expect(_ condition: Bool, _ violation: @autoclosure () -> String) {
        if !condition, violations.count < 20 { violations.append("\(offer.kind): \(violation())") }
    }

    private func responder(mustSeal: Bool) -> ChannelSetup {
        let (swarm, key) = (swarm, MSEHandshake.lookupKey(for: swarm))
        return ChannelSetup(.responder { $0 == key ? swarm : nil }, mustSeal: mustSeal)
    }

    // MARK: - Two honest sides

    func exchange(inChunksOf size: Int, mustSeal: Bool, seed: UInt64) {
        var dialler = Side(offer, ChannelSetup(.initiator(swarm: swarm), mustSeal: mustSeal), seed: seed)
        var listener = Side(offer, responder(mustSeal: mustSeal), seed: seed &+ 1 << 32)
        shakeHands(&dialler, &listener, inChunksOf: size)
        guard let (mine, theirs) = dialler.outcome.flatMap({ mine in listener.outcome.map { (mine, $0) } }) else {
            return expect(false, "two honest sides come to no outcome in chunks of \(size) bytes")
        }
        expect(mine.kind == offer.kind && theirs.kind == offer.kind, "an outcome names another kind")
        expect(mine.isPassthrough == theirs.isPassthrough, "one side seals, and the other does not")
        expect(mine.swarm == theirs.swarm, "the sides are bound to different swarms")
        expect([nil, swarm].contains(mine.swarm), "a channel is bound to a swarm that nobody asked for")
        expect(!dialler.hasFailed && !listener.hasFailed, "honest bytes are an error")
        transfer(from: &dialler, to: &listener, inChunksOf: size, "dialler to listener")
        transfer(from: &listener, to: &dialler, inChunksOf: size, "listener to dialler")
    }

    private func shakeHands(_ a: inout Side, _ b: inout Side, inChunksOf size: Int) {
        for _ in 0..<16 {
            let forth = a.takeOutput()
            let back = b.takeOutput()
            if forth.isEmpty, back.isEmpty { return }
            for chunk in chunks(of: forth, size) { b.handle(chunk) }
            for chunk in chunks(of: back, size) { a.handle(chunk) }
        }
    }

    private func transfer(from sender: inout Side, to receiver: inout Side, inChunksOf size: Int, _ way: String) {
        let plain = (0..<3 * size + 100).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        var sealed = ByteBuffer()
        for chunk in chunks(of: plain, size) {
            let before = ByteBuffer(bytes: chunk)
            sender.channel.seal(before, into: &sealed)
            expect(Array(buffer: before) == chunk, "\(way): seal changes the caller's bytes")
        }
        receiver.received = []
        for chunk in chunks(of: Array(buffer: sealed), max(1, size - 1)) { receiver.handle(chunk) }
        expect(receiver.received == plain, "\(way): \(plain.count) bytes do not come through in chunks of \(size)")
    }

    private func chunks(of bytes: [UInt8], _ size: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min(bytes.count, $0 + size)]) }
    }

    // MARK: - Strangers

    func garbage(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for setup in [ChannelSetup(.initiator(swarm: swarm)), responder(mustSeal: false)] {
            var side = Side(offer, setup, seed: seed)
            var byteCount = 0
            while side.outcome == nil, !side.hasFailed, byteCount <= offer.handshakeByteLimit {
                let chunk = random.nextBytes(count: Int.random(in: 1...700, using: &random))
                byteCount += chunk.count
                side.handle(chunk)
            }
            // Once more, as if the caller had not noticed.
            side.handle(random.nextBytes(count: 100))
            expect(
                side.outcome != nil || side.hasFailed,
                "\(byteCount) bytes of garbage are neither an outcome nor an error"
            )
        }
    }

    func changedHandshake(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var dialler = Side(offer, ChannelSetup(.initiator(swarm: swarm)), seed: seed)
        var listener = Side(offer, responder(mustSeal: false), seed: seed &+ 1 << 32)
        for _ in 0..<16 {
            var forth = dialler.takeOutput()
            var back = listener.takeOutput()
            if forth.isEmpty, back.isEmpty { break }
            change(&forth, using: &random)
            change(&back, using: &random)
            listener.handle(forth)
            dialler.handle(back)
        }
        for side in [dialler.outcome, listener.outcome] {
            expect(side?.swarm != other && side.map { [nil, swarm].contains($0.swarm) } != false, "a foreign swarm")
        }
    }

    private func change(_ bytes: inout [UInt8], using random: inout SeededRandom) {
        guard !bytes.isEmpty else { return }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.removeSubrange(.random(in: bytes.indices, using: &random)...)
        case 2: bytes.insert(.random(in: 0...255, using: &random), at: .random(in: bytes.indices, using: &random))
        default: break
        }
    }
}

/// One side of a connection.
private struct Side {
    let channel: any ConnectionChannel
    var received: [UInt8] = []
    private(set) var hasFailed = false
    private var batch: ChannelBatch

    init(_ offer: ChannelOffer, _ setup: ChannelSetup, seed: UInt64) {
        batch = ChannelBatch(random: SeededRandom(seed: seed))
        channel = offer.makeChannel(setup, in: &batch)
    }

    var outcome: ChannelOutcome? { channel.outcome }

    mutating func takeOutput() -> [UInt8] { batch.takeOutput().map { Array(buffer: $0) } ?? [] }

    mutating func handle(_ bytes: [UInt8]) {
        guard !hasFailed else { return }
        var input = ByteBuffer(bytes: bytes)
        do throws(TransportError) {
            if channel.outcome == nil { try channel.handleHandshake(&input, in: &batch) }
            guard channel.outcome != nil else { return }
            while let plain = try channel.open(&input) { received += plain.readableBytesView }
        } catch {
            hasFailed = true
        }
    }
}

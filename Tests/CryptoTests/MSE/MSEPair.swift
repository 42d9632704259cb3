// SPDX-License-Identifier: Apache-2.0

import RucheCrypto

/// The torrents of these tests, and a lookup that only knows `skey`.
enum TestTorrent {
    static let skey = SHA1.hash(Array("a torrent".utf8))
    static let other = SHA1.hash(Array("another torrent".utf8))

    static func find(_ lookupKey: SHA1Digest) -> SHA1Digest? {
        lookupKey == MSEHandshake.lookupKey(for: skey) ? skey : nil
    }
}

/// One end of a connection: its handshake, then the outcome.
struct MSEEnd: ~Copyable {
    var handshake: MSEHandshake
    var outcome: MSEOutcome?
    var received: [UInt8] = []
    var error: MSEError?
    /// Everything that this end has sent.
    var sent: [UInt8] = []

    var hasSucceeded: Bool { outcome != nil }

    init(_ handshake: consuming MSEHandshake) { self.handshake = handshake }

    mutating func handle(_ bytes: [UInt8]) {
        guard error == nil else { return }
        if outcome != nil {
            received += decrypt(bytes)
            return
        }
        do throws(MSEError) {
            try handshake.handle(bytes, findTorrent: TestTorrent.find)
        } catch {
            self.error = error
        }
        outcome = handshake.nextOutcome()
        received += outcome?.payload ?? []
    }

    mutating func nextBytesToSend() -> [UInt8] {
        let bytes = handshake.nextBytesToSend() ?? []
        sent += bytes
        return bytes
    }

    mutating func encrypt(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        if outcome?.method == .rc4 { outcome?.outbound.apply(to: &bytes) }
        return bytes
    }

    private mutating func decrypt(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        if outcome?.method == .rc4 { outcome?.inbound.apply(to: &bytes) }
        return bytes
    }
}

/// Two ends, and a wire between them that splits what it carries into parts of up to `largestCut` bytes.
struct MSEPair: ~Copyable {
    var initiator: MSEEnd
    var responder: MSEEnd
    private var generator: SeededRandom
    private let largestCut: Int

    init(
        offering: MSEMethods = .any,
        allowing: MSEMethods = .any,
        preferring: MSEMethod = .rc4,
        wanting skey: SHA1Digest = TestTorrent.skey,
        initialPayload: [UInt8] = [],
        largestCut: Int = .max,
        seed: UInt64 = 0
    ) {
        var generator = SeededRandom(seed: seed)
        initiator = MSEEnd(
            MSEHandshake(initiatorFor: skey, offering: offering, initialPayload: initialPayload, using: &generator)
        )
        responder = MSEEnd(
            MSEHandshake(responderAllowing: allowing, preferring: preferring, using: &generator)
        )
        self.generator = generator
        self.largestCut = largestCut
    }

    /// Carries bytes both ways until both ends are silent.
    mutating func run() {
        while true {
            let there = initiator.nextBytesToSend()
            for part in cut(there) { responder.handle(part) }
            let back = responder.nextBytesToSend()
            for part in cut(back) { initiator.handle(part) }
            if there.isEmpty, back.isEmpty { return }
        }
    }

    /// Sends payload in both directions after the handshake.
    mutating func exchange(_ toResponder: [UInt8], _ toInitiator: [UInt8]) {
        for part in cut(initiator.encrypt(toResponder)) { responder.handle(part) }
        for part in cut(responder.encrypt(toInitiator)) { initiator.handle(part) }
    }

    private mutating func cut(_ bytes: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = largestCut == 1 ? 1 : Int.random(in: 1...min(rest.count, largestCut), using: &generator)
            parts.append(Array(rest.prefix(largestCut == .max ? rest.count : count)))
            rest = rest.dropFirst(largestCut == .max ? rest.count : count)
        }
        return parts
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

extension FuzzTarget {
    /// Two honest sides with an attacker between them. The input decides how the bytes are split, changed, dropped and
    /// made up. Without honest sides nothing would get past the key exchange.
    static let encryption = FuzzTarget(name: "encryption", seeds: { [[], [3], [0, 9, 1, 0, 40, 1], [200]] }) { bytes in
        var tape = Tape(bytes)
        var random = SeededRandom(seed: UInt64(tape.nextByte()))
        let offered = MSEMethods(rawValue: UInt32(tape.nextByte() % 8))
        let hash = SHA1Digest()
        let key = MSEHandshake.lookupKey(for: hash)
        let greeting = Array("hello".utf8)
        var initiator = MSEHandshake(initiatorFor: hash, offering: offered, initialPayload: greeting, using: &random)
        var responder = MSEHandshake(using: &random)
        var done = (initiator: false, responder: false)
        var received: [UInt8] = []
        for _ in 0..<8 {
            for chunk in tamper(initiator.nextBytesToSend() ?? [], by: &tape) {
                try? responder.handle(chunk, findTorrent: { $0 == key ? hash : nil })
            }
            if let outcome = responder.nextOutcome() {
                done.responder = true
                received = outcome.payload
            }
            for chunk in tamper(responder.nextBytesToSend() ?? [], by: &tape) { try? initiator.handle(chunk) }
            if initiator.nextOutcome() != nil { done.initiator = true }
        }
        guard bytes.count <= 2, !offered.isDisjoint(with: .any) else { return }
        require(done == (true, true) && received.starts(with: greeting), "honest sides understand each other")
    }

    private static func tamper(_ bytes: [UInt8], by tape: inout Tape) -> [[UInt8]] {
        guard !bytes.isEmpty, !tape.isAtEnd else { return bytes.isEmpty ? [] : [bytes] }
        var bytes = bytes
        switch tape.nextByte() % 4 {
        case 0: break
        case 1: bytes[Int(tape.nextUInt16()) % bytes.count] ^= tape.nextByte()
        case 2: bytes.removeLast(Int(tape.nextUInt16()) % bytes.count)
        default:
            bytes.insert(contentsOf: tape.nextBytes(Int(tape.nextByte())), at: Int(tape.nextUInt16()) % bytes.count)
        }
        let cut = Int(tape.nextUInt16()) % (bytes.count + 1)
        return [Array(bytes[..<cut]), Array(bytes[cut...])]
    }
}

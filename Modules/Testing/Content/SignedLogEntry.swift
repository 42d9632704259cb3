// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// A record of a `SignedLog`, without its bytes.
package struct SignedLogEntry: Hashable, Sendable {
    static let byteCount = 105

    let number: UInt32
    let byteCount: UInt32
    let isLast: Bool
    let digest: SHA256Digest
    private let signature: Ed25519.Signature

    init(number: Int, _ record: [UInt8], isLast: Bool, signedWith key: Ed25519.PrivateKey) {
        self.number = UInt32(truncatingIfNeeded: number)
        byteCount = UInt32(truncatingIfNeeded: record.count)
        self.isLast = isLast
        digest = SHA256.hash(record)
        signature = key.signature(for: Self.claim(self.number, byteCount, isLast, digest))
    }

    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == Self.byteCount, let number = bytes.number(at: 0), let byteCount = bytes.number(at: 4),
            let flag = bytes.dropFirst(8).first, flag <= 1,
            let digest = SHA256Digest(bytes.dropFirst(9).prefix(32)),
            let signature = Ed25519.Signature(bytes.dropFirst(41))
        else { return nil }
        self.number = number
        self.byteCount = byteCount
        isLast = flag == 1
        self.digest = digest
        self.signature = signature
    }

    var bytes: [UInt8] { Self.fields(number, byteCount, isLast, digest) + signature.bytes }

    func isSigned(by author: Ed25519.PublicKey) -> Bool {
        let claim = Self.claim(number, byteCount, isLast, digest)
        return Ed25519.isValid(signature, for: claim, by: author)
    }

    private static func claim(_ number: UInt32, _ count: UInt32, _ isLast: Bool, _ digest: SHA256Digest) -> [UInt8] {
        Array("ruche_log".utf8) + fields(number, count, isLast, digest)
    }

    private static func fields(_ number: UInt32, _ count: UInt32, _ isLast: Bool, _ digest: SHA256Digest) -> [UInt8] {
        number.fourBytes + count.fourBytes + [isLast ? 1 : 0] + digest.bytes
    }
}

/// The messages between logs.
enum SignedLogMessage {
    /// The number of records in one message.
    static let entryLimit = 100

    /// The number of records that the sender knows.
    case count(Int)
    /// These records, in order.
    case entries([SignedLogEntry])

    init?(_ bytes: [UInt8]) {
        switch bytes.first {
        case 0 where bytes.count == 5:
            guard let count = bytes.dropFirst().number(at: 0) else { return nil }
            self = .count(Int(count))
        case 1:
            let rest = bytes.dropFirst()
            guard !rest.isEmpty, rest.count.isMultiple(of: SignedLogEntry.byteCount),
                rest.count / SignedLogEntry.byteCount <= Self.entryLimit
            else { return nil }
            var entries: [SignedLogEntry] = []
            for start in stride(from: rest.startIndex, to: rest.endIndex, by: SignedLogEntry.byteCount) {
                guard let entry = SignedLogEntry(rest[start..<start + SignedLogEntry.byteCount]) else { return nil }
                entries.append(entry)
            }
            self = .entries(entries)
        default: return nil
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .count(let count): [0] + UInt32(clamping: count).fourBytes
        case .entries(let entries): [1] + entries.flatMap(\.bytes)
        }
    }
}

extension UInt32 {
    fileprivate var fourBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> UInt32(24 - 8 * $0)) } }
}

extension ArraySlice<UInt8> {
    /// Returns the number in four bytes from `offset` on, the most significant first.
    fileprivate func number(at offset: Int) -> UInt32? {
        let bytes = dropFirst(offset).prefix(4)
        return bytes.count == 4 ? bytes.reduce(0) { $0 << 8 | UInt32($1) } : nil
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// Issues and checks write tokens, which prove that a node receives at its address and recently asked about the target.
///
/// A token is a keyed hash, so nothing is stored for it. The key is replaced every `lifetime` and the previous one
/// stays valid, so a token is valid for one to two lifetimes (BEP 5).
struct WriteTokens: Sendable {
    private let lifetime: Interval
    private var current: SecretBytes
    private var previous: SecretBytes
    private var changed: Instant

    private static let byteCount = 8

    init(lifetime: Interval, at now: Instant, using random: inout some RandomNumberGenerator) {
        self.lifetime = lifetime
        current = SecretBytes(count: 32, using: &random)
        previous = SecretBytes(count: 32, using: &random)
        changed = now
    }

    /// When the key is replaced next.
    var nextChange: Instant { changed + lifetime }

    mutating func handleTimer(at now: Instant, using random: inout some RandomNumberGenerator) {
        while now >= nextChange {
            // After a long sleep, both keys are too old.
            let isLate = now - nextChange > lifetime
            changed = isLate ? Instant(nanoseconds: now.nanoseconds &- lifetime.nanoseconds) : nextChange
            previous = current
            current = SecretBytes(count: 32, using: &random)
        }
    }

    func makeToken(for address: IPAddress, about target: NodeID) -> [UInt8] {
        Self.token(current, address, target)
    }

    func isValid(_ token: [UInt8], from address: IPAddress, about target: NodeID) -> Bool {
        guard token.count == Self.byteCount else { return false }
        return [current, previous].contains { ConstantTime.areEqual(Self.token($0, address, target), token) }
    }

    private static func token(_ key: SecretBytes, _ address: IPAddress, _ target: NodeID) -> [UInt8] {
        // The sizes are constants within bounds, so this does not throw. An empty token would never be valid.
        (try? BLAKE2b.hash(address.compactBytes + target.bytes, outputByteCount: byteCount, key: key)) ?? []
    }
}

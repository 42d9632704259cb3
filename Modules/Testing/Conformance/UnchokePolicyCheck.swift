// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
public import RucheSwarm
internal import RucheWire

/// Checks an unchoke policy against what `UnchokePolicy` promises, and returns what it breaks; empty if it conforms.
///
/// Peers of every kind are put before it: newcomers, old hands, free riders, crowds, and peers whose claims and counts
/// are extreme. It must answer the same twice, its ranks must be an order, and a policy that does not share slots by
/// address must rank no peer that has sent nothing.
///
///     @Test func policy() { #expect(checkUnchokePolicy(Neighbours()).isEmpty) }
///
/// - Parameter seed: decides the peers.
public func checkUnchokePolicy(_ policy: some UnchokePolicy, seed: UInt64 = 1) -> [String] {
    var check = UnchokePolicyCheck(policy, random: SeededRandom(seed: seed))
    for _ in 0..<20 { check.crowd() }
    return check.violations
}

/// What has been found so far about one policy.
private struct UnchokePolicyCheck<Policy: UnchokePolicy> {
    private(set) var violations: [String] = []

    private let policy: Policy
    private var random: SeededRandom

    init(_ policy: Policy, random: SeededRandom) {
        self.policy = policy
        self.random = random
    }

    private mutating func expect(_ condition: Bool, _ violation: String) {
        if !condition, !violations.contains(violation) { violations.append(violation) }
    }

    mutating func crowd() {
        let now = Instant.zero + .seconds(Int64.random(in: 0...10_000_000, using: &random))
        let candidates = (0..<60).map { _ in makeCandidate(at: now) }
        var ranks: [Policy.Rank] = []
        for candidate in candidates {
            let first = policy.rank(of: candidate, at: now)
            let second = policy.rank(of: candidate, at: now)
            let isSame = first == second && policy.admits(candidate, at: now) == policy.admits(candidate, at: now)
            expect(isSame, "the policy answers differently if it is asked twice: it must depend on its arguments alone")
            let hasGiven = candidate.downloadedByteCount > 0 || candidate.downloadBytesPerSecond > 0
            expect(
                policy.sharesSlotsByAddress || hasGiven || first == nil,
                "a peer that has given nothing has a rank, although slots are not shared by address"
            )
            if let first { ranks.append(first) }
        }
        checkOrder(ranks)
    }

    private mutating func checkOrder(_ ranks: [Policy.Rank]) {
        guard !ranks.isEmpty else { return }
        for rank in ranks {
            expect(!(rank < rank) && rank == rank, "a rank comes before itself, or is not equal to itself")
        }
        for _ in 0..<2_000 {
            guard let a = ranks.randomElement(using: &random), let b = ranks.randomElement(using: &random),
                let c = ranks.randomElement(using: &random)
            else { return }
            expect(!(a < b && b < a), "two ranks come before each other")
            expect(!(a < b && b < c) || a < c, "the order of ranks is not transitive")
            let areTied = !(a < b) && !(b < a) && !(b < c) && !(c < b)
            expect(!areTied || !(a < c) && !(c < a), "ranks that are tied with a third are not tied with each other")
        }
    }

    /// A peer as the engine may come across it: one field in four is extreme.
    private mutating func makeCandidate(at now: Instant) -> UnchokeCandidate {
        let bits = random.next()
        let address = bits & 1 == 0 ? IPAddress(v4: UInt32(bits >> 32)) : IPAddress(v6High: bits, low: 1)
        let endpoint = PeerEndpoint(address: address, port: .random(in: 0...65_535, using: &random))
        let id = PeerID(prefix: "-XX0000-", using: &random)
        var candidate = UnchokeCandidate(endpoint, id: id, connectedAt: time(before: now))
        candidate.isUnchoked = Bool.random(using: &random)
        if Bool.random(using: &random) { candidate.unchokedAt = time(before: now) }
        if Bool.random(using: &random) { candidate.addressHeldAt = time(before: now) }
        candidate.isCrowded = Bool.random(using: &random)
        candidate.isSnubbed = Bool.random(using: &random)
        candidate.bytesSinceUnchoke = count()
        if Bool.random(using: &random) {
            candidate.downloadedByteCount = count()
            candidate.downloadBytesPerSecond = rate()
        }
        candidate.uploadBytesPerSecond = rate()
        candidate.progress = [0, 1, .random(in: 0...1, using: &random)].randomElement(using: &random) ?? 0
        return candidate
    }

    private mutating func time(before now: Instant) -> Instant {
        let ago = [0, now.nanoseconds, Int64.random(in: 0...now.nanoseconds, using: &random)]
        return Instant(nanoseconds: now.nanoseconds - (ago.randomElement(using: &random) ?? 0))
    }

    private mutating func count() -> Int {
        [0, 1, Int(Int64.max), .random(in: 0...1 << 30, using: &random)].randomElement(using: &random) ?? 0
    }

    private mutating func rate() -> Double {
        [0, 1e-9, 1e12, .random(in: 0...1e6, using: &random)].randomElement(using: &random) ?? 0
    }
}

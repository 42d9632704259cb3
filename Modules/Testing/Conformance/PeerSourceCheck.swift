// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
public import RucheSwarm
internal import RucheTrackers
internal import RucheWire

/// Checks a source of peers against what `PeerSource` promises, and returns what it breaks; empty if it conforms.
///
/// Torrents join, report every change, and leave: one after the other, the same torrent twice, and many concurrently.
/// It waits until leaving has finished, so give the test that calls this a time limit.
public func checkPeerSource(_ source: any PeerSource) async -> [String] {
    let check = PeerSourceCheck(source)
    for number in 1...3 { await check.stay(number, changes: []) }
    for _ in 0..<2 { await check.stay(1, changes: [.needsPeers, .needsPeers, .completed]) }
    if source.traits.outlivesDormancy { await check.stay(2, changes: [.completed, .dormant, .woke, .needsPeers]) }
    await withTaskGroup { group in
        for number in 0..<50 {
            group.addTask { await check.stay(number % 10, changes: Array(repeating: .needsPeers, count: 20)) }
        }
    }
    return check.findings.withLock { $0 }
}

/// What has been found so far about one source.
private final class PeerSourceCheck: Sendable {
    let findings = Locked<[String]>([])
    private let source: any PeerSource

    init(_ source: any PeerSource) { self.source = source }

    /// One torrent joins, reports `changes`, and leaves.
    func stay(_ number: Int, changes: [SwarmChange]) async {
        guard let swarm = SourceContext.example(number) else { return }
        let membership = source.join(swarm) { [self] endpoints in
            expect(endpoints.allSatisfy { $0.port != 0 }, "it finds endpoints with port 0")
        }
        for change in changes { membership.note(change) }
        let goodbyes = Locked(0)
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        membership.leave {
            goodbyes.withLock { $0 += 1 }
            continuation.finish()
        }
        for await _ in stream {}
        withExtendedLifetime(membership) {}
        expect(goodbyes.withLock(\.self) == 1, "it says goodbye more than once")
    }

    private func expect(_ condition: Bool, _ finding: String) {
        if !condition { findings.withLock { if !$0.contains(finding) { $0.append(finding) } } }
    }
}

extension SourceContext {
    /// Returns a different torrent for each number.
    fileprivate static func example(_ number: Int) -> SourceContext? {
        var random = SeededRandom(seed: UInt64(number))
        guard let hashes = InfoHashes(v1: SHA1.hash([UInt8(truncatingIfNeeded: number)]), v2: nil) else { return nil }
        return SourceContext(
            hashes: hashes,
            peerID: PeerID(prefix: "-RU0000-", using: &random),
            listenPort: 6_881,
            isPrivate: false,
            isComplete: false,
            isDormant: false,
            stats: { AnnounceStats(uploaded: 0, downloaded: 0, left: 1) }
        )
    }
}

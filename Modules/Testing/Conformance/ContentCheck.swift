// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
public import RucheSwarm
internal import RucheWire

/// Checks that a content obeys the engine's rules, in a simulated swarm of an author, followers that come, go and
/// crash, and a hostile peer. Returns the violations as text; empty if there are none.
///
///     @Test func log() throws {
///         let findings = try checkContent(author: Log(key), follower: Log(of: key.publicKey), commands: [.append(a), .finish(b)])
///         #expect(findings.isEmpty)
///     }
///
/// - Parameters:
///   - author: The initial content of the author.
///   - follower: The initial content of the followers.
///   - commands: The commands to the author's content, one per second. At the end every follower must have what the
///     author has.
///   - messages: Messages that the content understands. The hostile peer sends them as they are, truncated, and
///     changed. None of them may make the content grow.
///   - seed: Determines everything random.
/// - Throws: `MetainfoError` if the simulation cannot be created.
public func checkContent<Body: Content>(
    author: Body,
    follower: Body,
    commands: [Body.Command],
    messages: [[UInt8]] = [],
    seed: UInt64 = 1
) throws -> [String] {
    var findings = Body.limits.findings
    if author.hashes != follower.hashes { findings.append("author and follower have different info-hashes") }
    let first = try ContentTrial(author, follower, commands, messages, seed: seed)
    first.run()
    let second = try ContentTrial(author, follower, commands, messages, seed: seed)
    second.run()
    if first.swarm.network.trace != second.swarm.network.trace {
        findings.append(
            "two runs from one seed differ: the content must take time and chance from its batch, and must not depend on "
                + "the order of a Set or Dictionary"
        )
    }
    return findings + first.findings
}

/// One run of a check.
private final class ContentTrial<Body: Content> {
    let swarm: VirtualSwarm
    private let author: VirtualPeer
    private let followers: [VirtualPeer]
    private let hostile: VirtualPeer
    private let commands: [Body.Command]
    private var nonsense: HostileMessages

    init(_ author: Body, _ follower: Body, _ commands: [Body.Command], _ messages: [[UInt8]], seed: UInt64) throws {
        let torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [32_768], seed: seed)
        let swarm = VirtualSwarm(torrent, seed: seed)
        self.swarm = swarm
        self.commands = commands
        nonsense = HostileMessages(messages, longest: Body.limits.messageByteCount, seed: seed &+ 1)
        self.author = swarm.add(content: author)
        followers = (0..<5).map { _ in swarm.add(content: follower) }
        hostile = swarm.add(content: follower)
    }

    func run() {
        for peer in swarm.peers { peer.start() }
        for (round, command) in commands.enumerated() {
            author.command(command, of: Body.self)
            swarm.run(for: .seconds(Int64(1)))
            for _ in 0..<4 { hostile.sendRaw(nonsense.next(), as: Body.name) }
            if round % 10 == 3 { followers[round / 10 % followers.count].crash() }
            if round % 10 == 8 { followers[round / 10 % followers.count].restart() }
            returnHostile()
        }
        for peer in followers where !peer.isRunning { peer.restart() }
        swarm.run(for: .minutes(5)) { followers.allSatisfy { $0.isCaughtUp && $0.shape == self.author.shape } }
    }

    /// It is disconnected now and then, and returns.
    private func returnHostile() {
        guard hostile.connectedCount == 0 else { return }
        hostile.stop()
        hostile.start()
    }

    var findings: [String] {
        var findings: [String] = []
        let refused = swarm.peers.reduce(0) { $0 + $1.refusedShapeCount }
        if refused > 0 { findings.append("the shape broke its rules (\(refused) times)") }
        if !author.isCaughtUp { findings.append("the author has not stored everything that it created") }
        let late = followers.count { !$0.isCaughtUp || $0.shape != author.shape }
        if late > 0 { findings.append("\(late) of \(followers.count) followers never got what the author has") }
        let honest = [author] + followers
        let blame = honest.reduce(into: [String: Int]()) { sum, peer in
            for other in honest { sum.merge(peer.offences[other.host.address] ?? [:], uniquingKeysWith: +) }
        }
        return findings
            + blame.sorted { $0.key < $1.key }.map { kind, count in
                "honest peers take each other for attackers (\(kind), \(count) times)"
            }
    }
}

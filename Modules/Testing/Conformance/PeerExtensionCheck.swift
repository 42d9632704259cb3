// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
public import RucheSwarm
internal import RucheWire

/// Checks that an extension obeys the engine's rules, in a simulated swarm with peers that come, go, stop reading, and
/// send nonsense. Returns the violations as text; empty if there are none.
///
///     @Test func greeting() throws { #expect(try checkExtension(Greeting.self, messages: [Array("hello".utf8)]).isEmpty) }
///
/// - Parameters:
///   - messages: Messages that the extension understands. Peers send them as they are, truncated, and changed; the more kinds
///     there are, the more is checked.
///   - commands: The app's commands; each peer's extension gets each of them now and then.
///   - seed: Determines everything random.
/// - Throws: `MetainfoError` if the torrent of the simulation cannot be made.
public func checkExtension<Extension: PeerExtension>(
    _ type: Extension.Type,
    messages: [[UInt8]] = [],
    commands: [Extension.Command] = [],
    seed: UInt64 = 1
) throws -> [String] {
    var findings = type.limits.findings
    if !(1...PeerLimits().extensionNameByteCount ~= type.name.rawValue.utf8.count) {
        findings.append("the name \"\(type.name)\" is empty, or longer than peers read")
    }
    let first = try ExtensionTrial<Extension>(messages, commands, seed: seed)
    first.run()
    let second = try ExtensionTrial<Extension>(messages, commands, seed: seed)
    second.run()
    if first.swarm.network.trace != second.swarm.network.trace || first.reports != second.reports {
        findings.append(
            "two runs from one seed differ: the extension must take time and chance from its batch, and must not depend "
                + "on the order of a Set or Dictionary"
        )
    }
    return findings + first.findings
}

extension ExtensionLimits {
    /// What peers could not live with.
    var findings: [String] {
        var findings: [String] = []
        let longest = messageByteCount + Self.messageOverheadByteCount
        if !(1...PeerLimits().extendedByteCount ~= messageByteCount) {
            findings.append("messageByteCount is not from 1 to \(PeerLimits().extendedByteCount)")
        }
        if queuedByteCount < longest { findings.append("queuedByteCount has no room for the longest message") }
        if receivedBurstByteCount < longest {
            findings.append("receivedBurstByteCount has no room for the longest message")
        }
        if receivedBytesPerSecond < sentBytesPerSecond {
            findings.append(
                "receivedBytesPerSecond is less than sentBytesPerSecond: peers would be taken for attackers"
            )
        }
        return findings
    }
}

/// One run of a check: honest peers with the extension, and one that sends what it likes.
private final class ExtensionTrial<Extension: PeerExtension> {
    let swarm: VirtualSwarm
    private(set) var reports: [String] = []
    private let honest: [VirtualPeer]
    private let hostile: VirtualPeer
    private var nonsense: HostileMessages
    private let commands: [Extension.Command]
    private var random: SeededRandom

    init(_ messages: [[UInt8]], _ commands: [Extension.Command], seed: UInt64) throws {
        let torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [32 * 32_768], seed: seed)
        swarm = VirtualSwarm(torrent, seed: seed)
        nonsense = HostileMessages(messages, longest: Extension.limits.messageByteCount, seed: seed &+ 1)
        self.commands = commands
        random = SeededRandom(seed: ~seed)
        honest = (0..<6).map { [swarm] number in swarm.add(number == 0 ? .seed : .leecher) }
        hostile = swarm.add(.leecher)
        for peer in swarm.peers {
            peer.extend(with: Extension.self) { [weak self, weak peer] report in
                self?.reports.append("\(peer?.name ?? ""): \(report)")
            }
        }
    }

    func run() {
        for peer in swarm.peers { peer.start() }
        for round in 0..<60 {
            swarm.run(for: .seconds(Int64(1)))
            if let command = commands.randomElement(using: &random), let peer = honest.randomElement(using: &random) {
                peer.send(command, to: Extension.self)
            }
            for _ in 0..<4 { hostile.sendRaw(nonsense.next(), as: Extension.name) }
            if round % 20 == 10 { honest[round / 20 + 1].crash() }
            if round % 20 == 15 { honest[round / 20 + 1].restart() }
            // It is disconnected now and then, and returns.
            if hostile.connectedCount == 0 {
                hostile.stop()
                hostile.start()
            }
        }
    }

    /// What honest peers did to each other.
    var findings: [String] {
        let blame = honest.reduce(into: [String: Int]()) { sum, peer in
            for other in honest { sum.merge(peer.offences[other.host.address] ?? [:], uniquingKeysWith: +) }
        }
        return blame.sorted { $0.key < $1.key }.map { kind, count in
            "honest peers take each other for attackers (\(kind), \(count) times)"
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheWire

/// What an extension is given with each call: the time, chance, its peers and what is kept for each, and ways to answer.
///
/// It is passed `inout` and valid during the call. What the extension asks for is done when the call returns, in order.
public struct ExtensionBatch<Extension: PeerExtension> {
    /// The time, which does not change during a call.
    public internal(set) var now: Instant
    /// The torrent.
    public internal(set) var swarm: SwarmFacts
    /// A generator that is seeded, so that simulations replay. Never use it for secrets.
    public var random: SeededRandom
    /// Everybody who is connected, whether they use the extension or not. Filled for `handleTimer`, and empty elsewhere.
    public internal(set) var neighbours: [PeerFacts] = []

    var entries = ExtensionEntries<Extension.PeerState>()
    var outputs: [ExtensionOutput] = []
    var wakeAt: Instant?
    let limits: ExtensionLimits
    private let work: WorkMeter

    init(_ swarm: SwarmFacts, limits: ExtensionLimits, random: SeededRandom, work: WorkMeter, at now: Instant) {
        self.swarm = swarm
        self.limits = limits
        self.random = random
        self.work = work
        self.now = now
    }

    // MARK: - Peers

    /// The peers to which messages can be sent, in an order that is the same in each run. Takes time in proportion to the
    /// number of peers.
    public var peers: [PeerHandle] {
        work.add(entries.slotCount)
        return entries.handles { $0.remoteID != 0 }
    }

    /// What is kept for `peer`; nil once it has left. Setting it to nil forgets it.
    public subscript(peer: PeerHandle) -> Extension.PeerState? {
        get { entries.holds(peer) ? entries.states[peer.slot.int] : nil }
        _modify {
            guard entries.holds(peer) else {
                var nothing: Extension.PeerState?
                yield &nothing
                return
            }
            yield &entries.states[peer.slot.int]
        }
    }

    /// Returns what is known of `peer` now; nil once it has left.
    public func facts(of peer: PeerHandle) -> PeerFacts? { entries[peer].map { PeerFacts($0.peer) } }

    // MARK: - Messages

    /// Whether a message to `peer` would be sent at once: it reads, and nothing waits for it.
    public mutating func isReady(_ peer: PeerHandle) -> Bool {
        guard let entry = entries[peer], entry.remoteID != 0, entry.peer.answers.hasRoom else { return false }
        return entries.outboxes[peer.slot.int]?.isReady(at: now) ?? false
    }

    /// Sends a message, at once or when the peer takes it. Returns false, and sends nothing, if the peer has left or does not
    /// receive such messages, if the message is empty or too long, or if too much waits already. In the last case
    /// `PeerEvent.hasRoom` follows.
    @discardableResult
    public mutating func send(_ message: [UInt8], to peer: PeerHandle) -> Bool {
        guard let entry = entries[peer], entry.remoteID != 0 else { return false }
        guard !message.isEmpty, message.count <= limits.messageByteCount else { return false }
        entry.peer.hasExtensionBacklog = true
        guard entries.outboxes[peer.slot.int]?.insert(message, limit: limits.queuedByteCount) == true else {
            return false
        }
        outputs.append(.send(peer.slot))
        return true
    }

    // MARK: - Everything else

    /// Asks for a call of `handleTimer` at `time`, or earlier if that was asked for before. Each call is asked for anew.
    public mutating func wake(at time: Instant) { wakeAt = min(wakeAt ?? time, time) }

    /// Tells the app.
    public mutating func report(_ report: Extension.Report) { outputs.append(.report(report)) }

    /// Has the engine remember endpoints that `peer` told of, and dial them if it needs peers. It ignores addresses that
    /// the peer cannot know, and everything in private torrents (BEP 27).
    public mutating func found(_ endpoints: [FoundPeer], by peer: PeerHandle) {
        guard entries.holds(peer) else { return }
        outputs.append(.found(endpoints, by: peer.slot))
    }

    /// Counts an offence of `peer`, which is logged, and disconnects it if it repeats that.
    public mutating func misbehaved(_ peer: PeerHandle, _ offence: PeerOffence = .malformed) {
        misbehaved(peer, offence.misbehaviour)
    }

    mutating func misbehaved(_ peer: PeerHandle, _ misbehaviour: Misbehaviour) {
        guard entries.holds(peer) else { return }
        outputs.append(.misbehaved(peer.slot, misbehaviour))
    }
}

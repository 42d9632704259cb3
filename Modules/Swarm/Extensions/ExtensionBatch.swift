// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheTransport
public import RucheWire

/// The argument of each call to an extension: the time, randomness, its peers with their states, and ways to act.
///
/// It is passed `inout` and valid during the call. Actions are performed in order when the call returns.
public struct ExtensionBatch<Body: PeerConversation> {
    /// The time, which does not change during a call.
    public internal(set) var now: Instant
    /// The torrent's facts.
    public internal(set) var swarm: SwarmFacts
    /// A seeded generator, so simulations replay. Never use it for secrets.
    public var random: SeededRandom
    /// All connected peers, whether or not they use the extension. Only filled for `handleTimer`.
    public internal(set) var neighbours: [PeerFacts] = []

    var entries = ExtensionEntries<Body.PeerState>()
    var outputs: [ExtensionOutput] = []
    var wakeAt: Instant?
    /// Bytes of pieces that the content has made and that are not on disk yet.
    var storingByteCount = 0
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

    /// The peers to which messages can be sent, in an order that is the same in each run. Takes time proportional to
    /// the number of peers.
    public var peers: [PeerHandle] {
        work.add(entries.slotCount)
        return entries.handles { $0.remoteID != 0 }
    }

    /// The state of `peer`; nil once it has left. Setting it to nil removes it.
    public subscript(peer: PeerHandle) -> Body.PeerState? {
        get { entries.holds(peer) ? entries.states[peer.slot.int] : nil }
        _modify {
            guard entries.holds(peer) else {
                var nothing: Body.PeerState?
                yield &nothing
                return
            }
            yield &entries.states[peer.slot.int]
        }
    }

    /// Returns the current facts about `peer`; nil once it has left.
    public func facts(of peer: PeerHandle) -> PeerFacts? { entries[peer].map { PeerFacts($0.peer) } }

    // MARK: - Messages

    /// Whether a message to `peer` would be sent at once, because the peer reads and nothing is queued for it.
    public mutating func isReady(_ peer: PeerHandle) -> Bool {
        guard let entry = entries[peer], entry.remoteID != 0, entry.peer.answers.hasRoom else { return false }
        return entries.outboxes[peer.slot.int]?.isReady(at: now) ?? false
    }

    /// Sends a message, or queues it until the peer can take it. Returns false and sends nothing if the peer has left
    /// or does not receive such messages, if the message is empty or too long, or if too much is queued. In the last
    /// case `PeerEvent.hasRoom` follows.
    @discardableResult
    public mutating func send(_ message: [UInt8], to peer: PeerHandle) -> Bool {
        guard let entry = entries[peer], entry.remoteID != 0 else { return false }
        guard !message.isEmpty, message.count <= limits.messageByteCount else { return false }
        entry.peer.extensions.hasBacklog = true
        guard entries.outboxes[peer.slot.int]?.insert(message, limit: limits.queuedByteCount) == true else {
            return false
        }
        outputs.append(.send(peer.slot))
        return true
    }

    // MARK: - Other actions

    /// Requests a call of `handleTimer` at `time`, unless an earlier one is pending. Each request leads to one call.
    public mutating func wake(at time: Instant) { wakeAt = min(wakeAt ?? time, time) }

    /// Reports to the app.
    public mutating func report(_ report: Body.Report) { outputs.append(.report(report)) }

    /// Passes endpoints that `peer` reported to the engine, which dials them if it needs peers. It ignores addresses
    /// that the peer cannot know, and everything in private torrents (BEP 27).
    public mutating func found(_ endpoints: [FoundPeer], by peer: PeerHandle) {
        guard entries.holds(peer) else { return }
        outputs.append(.found(endpoints, by: peer.slot))
    }

    /// Requests a dial of `endpoint`, which `peer` has named, over one kind of transport, at once and whether or not it
    /// failed before. The engine ignores addresses as for `found`, those that are connected or being dialled, and all if
    /// it has no room for peers.
    public mutating func dial(_ endpoint: PeerEndpoint, over kind: TransportKind, namedBy peer: PeerHandle) {
        guard entries.holds(peer) else { return }
        outputs.append(.dial(endpoint, over: kind, namedBy: peer.slot))
    }

    /// Records and logs an offence of `peer`, which is disconnected if it repeats.
    public mutating func misbehaved(_ peer: PeerHandle, _ offence: PeerOffence = .malformed) {
        misbehaved(peer, offence.misbehaviour)
    }

    mutating func misbehaved(_ peer: PeerHandle, _ misbehaviour: Misbehaviour) {
        guard entries.holds(peer) else { return }
        outputs.append(.misbehaved(peer.slot, misbehaviour))
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// The protocol of one torrent, without sockets, disks or clocks: it is told what has happened, and returns what to do.
///
/// Owner: one driver (NIO in production, the virtual network in tests), on one thread. Grammar: `handle…` takes an
/// event; `settle` is called once after each batch of them and assigns new requests; then the driver executes the
/// effects in order. A peer is identified by its slot, from `handleConnected` to `handleClosed` or `.disconnect`.
///
/// Its parts own their state, and report what concerns others as `PartNews`:
///
///     messages, outcomes, time ──▶ SwarmCore ──┬─▶ Connections   dialling, admission, turnover
///                                     │        ├─▶ Download      requests, blocks, verdicts, layers
///                                     │        ├─▶ Upload        unchoking, requests and questions of peers
///                                     │        ├─▶ Reading       deadlines ahead of readers
///                                     │        └─▶ Extensions    values of their own (BEP 10)
///                                     ├─ peers   what each part keeps about each peer
///                                     └─ phase   metadata, then content: picker, layers, log of pieces
///
/// Invariant: `have` only ever names pieces that the driver has reported as stored.
package struct SwarmCore: ~Copyable {
    /// The properties of a torrent that never change.
    package struct Identity: Sendable {
        package var hashes: InfoHashes
        package var peerID: PeerID
        /// The port on which we accept connections, for extended handshakes; 0 if none.
        package var listenPort: UInt16
        /// The port of our DHT node, for public torrents' peers (BEP 5); 0 if none.
        package var dhtPort: UInt16
        /// For example `Ruche 0.1`.
        package var clientName: String

        package init(
            hashes: InfoHashes,
            peerID: PeerID,
            listenPort: UInt16,
            dhtPort: UInt16 = 0,
            clientName: String
        ) {
            self.hashes = hashes
            self.peerID = peerID
            self.listenPort = listenPort
            self.dhtPort = dhtPort
            self.clientName = clientName
        }
    }

    package let identity: Identity
    package let limits: SwarmLimits
    package internal(set) var peers: PeerTable
    package internal(set) var connections: Connections
    package internal(set) var download: Download
    package internal(set) var upload: Upload
    /// The number of steps so far of everything whose cost depends on sizes and counts.
    package let work = WorkMeter()

    var phase: SwarmPhase
    /// The order that was chosen before the content was known.
    var chosenOrder: FetchOrder?
    var reading: Reading
    var extensions: Extensions
    var random: SeededRandom

    /// Creates a swarm without peers. `seed` determines all random choices.
    package init(
        identity: Identity,
        limits: SwarmLimits,
        network: NetworkPolicy = NetworkPolicy(),
        seed: UInt64,
        at now: Instant
    ) {
        self.identity = identity
        self.limits = limits
        peers = PeerTable(work: work)
        random = SeededRandom(seed: seed)
        connections = Connections(
            identity: identity,
            limits: limits,
            blocked: network.blocked,
            seed: random.next(),
            work: work,
            at: now
        )
        download = Download(work: work, at: now)
        upload = Upload(limits: limits, work: work, at: now)
        reading = Reading(work: work)
        let extensionSeed = seed &* 0x9e37_79b9_7f4a_7c15
        extensions = Extensions(of: identity.hashes, network, seed: extensionSeed, work: work, at: now)
        phase = .metadata(MetadataPhase(limitBytes: limits.metadataBytes, seed: ~seed, work: work))
    }

    /// What the swarm shares; nil until its metadata is known and the driver has opened it.
    package var content: SwarmContent? { phase.content }

    /// Whether the content has ended and all wanted pieces are stored.
    package var isFinished: Bool { content?.isFinished ?? false }

    /// Whether all wanted pieces that exist now are stored. Growing content may be caught up many times.
    package var isCaughtUp: Bool { content?.isCaughtUp ?? false }

    /// Whether all pieces are stored.
    package var isSeed: Bool { content?.isWhole ?? false }

    /// Assigns what the events of this batch have made possible. Must be called once after them, before the effects are
    /// executed.
    package mutating func settle(in batch: inout SwarmBatch) {
        handleNews(in: &batch)
        download.settle(among: peers, content, in: &batch)
        disconnectOverfull(in: &batch)
        handleNews(in: &batch)
        peers.releaseRetired()
    }

    /// Disconnects peers that do not read from their sockets.
    private mutating func disconnectOverfull(in batch: inout SwarmBatch) {
        guard batch.isAnyOverfull else { return }
        batch.isAnyOverfull = false
        for peer in peers.all(where: { $0.isOverfull }) {
            batch.add(.misbehaved(peer.endpoint, .floodOfMessages))
            disconnect(peer, .misbehaviour(.floodOfMessages), in: &batch)
        }
    }
}

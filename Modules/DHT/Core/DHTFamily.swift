// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// This node in the DHT of one address family: the two are separate networks (BEP 32), and an id belongs to an address
/// (BEP 42, BEP 45).
struct DHTFamily: Sendable {
    let form: CompactForm
    var table: RoutingTable
    var peers: PeerStore
    var items: ItemStore
    var votes: AddressVotes
    var roundTrips = RoundTrips()
    /// Our own address there, as others see it.
    var externalAddress: IPAddress?
    /// About how many nodes the network has; nil until a lookup told.
    var networkSize: Double?
    /// The search that fills the table, while it runs.
    var refresh: SearchNumber?
    /// When an empty table is filled again, and how often that was tried without success.
    var nextBootstrap: Instant
    var bootstrapCount = 0
    /// Where in the store the samples of BEP 51 begin, and until when.
    var sampleStart = 0
    var sampleEnd: Instant

    init(_ form: CompactForm, own: NodeID, limits: DHTLimits, at now: Instant) {
        self.form = form
        table = RoutingTable(own: own, limits: limits, at: now)
        peers = PeerStore(limits: limits)
        items = ItemStore(limits: limits)
        votes = AddressVotes(needed: limits.addressVotes)
        nextBootstrap = now
        sampleEnd = now
    }

    var own: NodeID { table.own }

    /// Learns about the network's size from a lookup that has ended.
    mutating func noteNetworkSize(of lookup: Lookup) {
        guard let size = lookup.estimatedNetworkSize else { return }
        networkSize = networkSize.map { 0.9 * $0 + 0.1 * size } ?? size
    }

    /// Takes another id, and sorts the known nodes by it.
    mutating func move(to own: NodeID, limits: DHTLimits, at now: Instant) {
        var moved = RoutingTable(own: own, limits: limits, at: now)
        for node in table.nodes where !node.isBad(limits) {
            moved.handleAnswer(of: node.contact, after: node.roundTrip, at: node.answered)
        }
        table = moved
        bootstrapCount = 0
        nextBootstrap = now
    }
}

// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Named limits of this module: every queue, table, buffer and wait of sockets and pools is bounded by one of these.
public struct TransportLimits: Sendable {
    /// Connections in all, incoming and dialled, from the first byte to the last. When so many are open, a newcomer takes
    /// the place of a connection of the IPv4 address or IPv6 /64 that has the most, or of one that is of no use for long;
    /// else it is refused. A session sets this to its `SwarmLimits.peersPerSession`.
    public var connections = 500
    /// Of these, accepted connections that have not yet been adopted or rejected. The same holds when so many wait.
    public var pendingIncoming = 256
    /// When places are short, a connection whose handshakes take longer than this makes room for others.
    public var openingPatience: Interval = .seconds(Int64(5))
    /// When places are short, a connection over which no block passes for longer than this makes room for others.
    public var idlePatience: Interval = .seconds(Int64(60))
    /// From accept to adoption: who has not named an info-hash by then is dropped, however busily it sends.
    public var incomingDeadline: Interval = .seconds(Int64(15))
    /// Bytes taken from a stranger before it is adopted: room for the longest encrypted handshake.
    public var incomingBytes = 128 * 1024
    /// Connections taken from one listening socket before the others get their turn.
    public var acceptBatch = 64
    /// Connections that the kernel holds for us until they are accepted.
    public var listenBacklog = 512

    /// Dials under way at once, over all loops: from the first packet to the end of the encryption handshake.
    public var halfOpenDials = 128
    /// Dials that wait for one of those places; further ones fail with `.limit`.
    public var queuedDials = 4096
    /// From the first packet of a dial to an open connection.
    public var connectTimeout: Interval = .seconds(Int64(10))
    /// From an open outgoing connection to the end of its encryption handshake.
    public var encryptionTimeout: Interval = .seconds(Int64(15))
    /// How long one transport is tried alone before the next one is dialled too.
    public var dialHeadStart: Interval = .milliseconds(Int64(300))

    /// File descriptors that the process asks for, where the system allows so many.
    public var descriptors = 65_536
    /// Jobs that wait for a thread of the blocking pool; further ones fail with `.limit`.
    public var blockingJobs = 4096

    /// Names that the system's resolver is asked for at once, over the whole process; each takes a thread.
    public var lookups = 32
    /// Of those, places for names that had an address before.
    public var lookupsOfProvenNames = 8
    /// Names of one domain, by its last two labels, that the resolver is asked for at once.
    public var lookupsPerDomain = 4
    /// Names that wait for one of those places; further ones are told to come again.
    public var queuedLookups = 512
    /// Names remembered to have had an address.
    public var provenNames = 1024
    /// From a name's question to its addresses.
    public var lookupTimeout: Interval = .seconds(Int64(20))
    /// Until the system is asked again, where it cannot be asked now.
    public var lookupPause: Interval = .seconds(Int64(5))

    /// Datagrams, or joined runs of them, taken from the shared UDP port in one read. Each has 64 KiB of buffer.
    public var datagramReadBatch = 16
    /// Bytes that wait to be sent from the shared UDP port, for each family, and for each loop that sends; further
    /// datagrams are dropped.
    public var datagramSendBytes = 4 << 20
    /// Bytes that the kernel is asked to hold for the shared UDP port in each direction.
    public var datagramKernelBytes = 4 << 20

    /// Limits and times of uTP.
    public var utp = UTPLimits()

    /// The defaults.
    public init() {}
}

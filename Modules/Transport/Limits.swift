// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Named limits of this module. Each bounds a queue, table, buffer or wait of its sockets and pools.
public struct TransportLimits: Sendable {
    /// All connections, incoming and outgoing, for their whole life. At the limit, a new connection replaces one of the
    /// IPv4 address or IPv6 /64 that has the most, or one that has been useless for long; otherwise it is refused. A
    /// session sets this to its `SwarmLimits.peersPerSession`.
    public var connections = 500
    /// Of these, accepted connections that are neither adopted nor rejected yet. The same rule applies at this limit.
    public var pendingIncoming = 256
    /// When places are short, a connection whose handshakes take longer than this gives way.
    package var openingPatience: Interval = .seconds(Int64(5))
    /// When places are short, a connection over which no block has passed for longer than this gives way.
    package var idlePatience: Interval = .seconds(Int64(60))
    /// Time from accept to adoption. A peer that has not named an info-hash by then is dropped, however much it sends.
    package var incomingDeadline: Interval = .seconds(Int64(15))
    /// Bytes taken from a peer before adoption: enough for the longest encrypted handshake.
    package var incomingBytes = 128 * 1024
    /// Connections accepted from one listening socket before the others get their turn.
    package var acceptBatch = 64
    /// Connections that the kernel queues until they are accepted.
    package var listenBacklog = 512

    /// Concurrent dials, over all loops, each from the first packet to the end of the encryption handshake.
    public var halfOpenDials = 128
    /// Dials that wait for one of those places; further ones fail with `.limit`.
    package var queuedDials = 4096
    /// Time from the first packet of a dial to an open connection.
    public var connectTimeout: Interval = .seconds(Int64(10))
    /// Time from an open outgoing connection to the end of its encryption handshake.
    package var encryptionTimeout: Interval = .seconds(Int64(15))
    /// How long one transport is tried alone before the next one is dialled as well.
    package var dialHeadStart: Interval = .milliseconds(Int64(300))

    /// File descriptors that the process requests, if the system allows that many.
    public var descriptors = 65_536
    /// Jobs that wait for a thread of the blocking pool; further ones fail with `.limit`.
    package var blockingJobs = 4096

    /// Concurrent lookups by the system's resolver in the whole process; each takes a thread.
    package var lookups = 32
    /// Of those, places reserved for names that have resolved before.
    package var lookupsOfProvenNames = 8
    /// Concurrent lookups of names in one domain, identified by its last two labels.
    package var lookupsPerDomain = 4
    /// Names that wait for one of those places; further ones are refused.
    package var queuedLookups = 512
    /// Names that are remembered as having resolved.
    package var provenNames = 1024
    /// Time limit for resolving a name.
    package var lookupTimeout: Interval = .seconds(Int64(20))
    /// Time before a lookup is retried for which the system had no resources.
    package var lookupPause: Interval = .seconds(Int64(5))

    /// Datagrams, or runs that the system joined, taken from the shared UDP port in one read. Each has a buffer of 64
    /// KiB.
    package var datagramReadBatch = 16
    /// Bytes that wait to be sent from the shared UDP port, per family and per sending loop; further datagrams are
    /// dropped.
    package var datagramSendBytes = 4 << 20
    /// The size of the kernel buffers that the shared UDP port requests, for each direction.
    package var datagramKernelBytes = 4 << 20

    /// Limits and timeouts of uTP.
    package var utp = UTPLimits()

    /// The values above suit a desktop or server.
    public init() {}
}

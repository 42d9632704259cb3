// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheWire

/// The session's UDP port: one socket per family, shared by every protocol over UDP.
///
/// A protocol attaches as a `DatagramService` and receives the datagrams that it recognises. Datagrams can be lost,
/// duplicated and reordered; the port retries nothing. Call `send` and `flush` on any loop of the runtime, all other
/// members on any thread.
public protocol DatagramPort: AnyObject, Sendable {
    /// The loop on which services are called.
    var loop: any EventLoop { get }
    /// The endpoints to which the port is bound: at most one per family, IPv4 first.
    var endpoints: [PeerEndpoint] { get }

    /// Offers every datagram that arrives from now on to `service`, after all services of a lower `order`.
    func attach(_ service: any DatagramService, order: DatagramOrder)

    /// Stops offering datagrams to `service`. A batch that is being delivered may still reach it.
    func detach(_ service: any DatagramService)

    /// Queues `bytes` for `remote`; the next `flush(from: loop)` sends them.
    ///
    /// - Parameters:
    /// - segmentBytes: nil sends one datagram. Otherwise `bytes` is split into datagrams of this length, the last of
    ///   which may be shorter; the system splits them if it can.
    /// - loop: the caller's loop.
    ///
    /// A datagram that exceeds the queue (`TransportLimits.datagramSendBytes`) is dropped, as the network might drop
    /// it. If the system refuses a datagram, `DatagramService.handleUnsendable` reports it.
    func send(_ bytes: ByteBuffer, segmentBytes: Int?, to remote: PeerEndpoint, from loop: any EventLoop)

    /// Passes everything that was queued from `loop` to the system, in as few calls as possible.
    func flush(from loop: any EventLoop)

    /// Closes the sockets. Nothing is received or sent afterwards.
    func close() async
}

/// A protocol over UDP on a shared port. Its members are called on the port's loop.
public protocol DatagramService: AnyObject, Sendable {
    /// Returns whether a datagram belongs to this protocol. Must be pure and of constant cost, because it is called for
    /// every datagram from anyone.
    func recognises(_ datagram: RawSpan, from sender: PeerEndpoint) -> Bool

    /// Handles the datagrams of one socket read that this service recognised, in order of arrival.
    ///
    /// Their bytes share one large receive buffer: copy what you keep.
    func handleReceived(_ datagrams: [Datagram])

    /// Reports that the system refused to send a datagram to `remote`, for example for lack of a route. Any service may
    /// have sent it.
    func handleUnsendable(to remote: PeerEndpoint, because error: TransportError)
}

extension DatagramService {
    /// Does nothing: most services notice a missing response by themselves.
    public func handleUnsendable(to remote: PeerEndpoint, because error: TransportError) {}
}

/// The order in which services are asked whether a datagram is theirs. The most certain ones come first.
public struct DatagramOrder: Comparable, Hashable, Sendable {
    /// The rank; lower ranks are asked first.
    public let rank: Int

    /// Creates a position between the named ones.
    public init(rank: Int) { self.rank = rank }

    /// For services that recognise a response by its pending transaction and sender, such as UDP trackers (BEP 15).
    public static let transaction = DatagramOrder(rank: 100)
    /// For services that recognise a fixed cookie, such as STUN (RFC 8489).
    public static let cookie = DatagramOrder(rank: 200)
    /// For services that recognise the first byte of a bencoded dictionary, such as the DHT (BEP 5).
    public static let dictionary = DatagramOrder(rank: 300)
    /// For services that recognise a version and type in the first byte, such as uTP (BEP 29): the weakest mark, so
    /// they come last.
    public static let version = DatagramOrder(rank: 400)

    /// Whether `left` is asked before `right`.
    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}

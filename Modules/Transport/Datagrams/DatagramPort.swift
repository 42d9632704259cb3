// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheWire

/// The session's UDP port: one socket a family, shared by every protocol that speaks UDP.
///
/// A protocol attaches as a `DatagramService` and receives the datagrams it recognises. Datagrams may be lost,
/// duplicated and reordered; nothing here retries. `send` and `flush` may be called on any loop of the runtime; all
/// other members on any thread.
public protocol DatagramPort: AnyObject, Sendable {
    /// The loop on which services are asked and served.
    var loop: any EventLoop { get }
    /// Where the port is bound: at most one endpoint a family, IPv4 first.
    var endpoints: [PeerEndpoint] { get }

    /// Offers every datagram that arrives from now on to `service`, after all services of a lower `order`.
    func attach(_ service: any DatagramService, order: DatagramOrder)

    /// Offers nothing more to `service`. A batch that is being delivered may still reach it.
    func detach(_ service: any DatagramService)

    /// Queues `bytes` for `remote`, to be sent by the next `flush(from: loop)`.
    ///
    /// - Parameters:
    ///   - segmentBytes: nil sends one datagram. Otherwise `bytes` is cut into datagrams of this length, the last of
    ///     which may be shorter; the system cuts them where it can.
    ///   - loop: the loop that the caller is on.
    ///
    /// A datagram that finds no room (`TransportLimits.datagramSendBytes`) is dropped, as the network would drop it.
    /// The system's refusal of a single datagram is reported by `DatagramService.handleUnsendable`.
    func send(_ bytes: ByteBuffer, segmentBytes: Int?, to remote: PeerEndpoint, from loop: any EventLoop)

    /// Hands everything that was queued from `loop` to the system, in as few calls as it takes.
    func flush(from loop: any EventLoop)

    /// Closes the sockets. Nothing is received or sent afterwards.
    func close() async
}

/// A protocol that speaks UDP on a shared port. Its members are called on the port's loop.
public protocol DatagramService: AnyObject, Sendable {
    /// Whether a datagram is this protocol's. Pure, and of constant cost: every stranger's datagram is asked about.
    func recognises(_ datagram: RawSpan, from sender: PeerEndpoint) -> Bool

    /// The datagrams of one read of the socket that this service recognised, in the order in which they arrived.
    ///
    /// Their bytes share one large receive buffer: copy what outlives the call by long.
    func handleReceived(_ datagrams: [Datagram])

    /// The system refused to send a datagram to `remote`, such as for want of a route. Not every service sent it.
    func handleUnsendable(to remote: PeerEndpoint, because error: TransportError)
}

extension DatagramService {
    /// Does nothing: most services notice by themselves that no answer comes.
    public func handleUnsendable(to remote: PeerEndpoint, because error: TransportError) {}
}

/// When a service is asked whether a datagram is its own: those that can tell for certain come first.
public struct DatagramOrder: Comparable, Hashable, Sendable {
    /// The rank; lower ranks are asked first.
    public let rank: Int

    /// A place between the named ones.
    public init(rank: Int) { self.rank = rank }

    /// Recognises an answer by a pending transaction and its sender, as UDP trackers (BEP 15) do.
    public static let transaction = DatagramOrder(rank: 100)
    /// Recognises a fixed cookie, as STUN (RFC 8489) does.
    public static let cookie = DatagramOrder(rank: 200)
    /// Recognises the first byte of a bencoded dictionary, as the DHT (BEP 5) does.
    public static let dictionary = DatagramOrder(rank: 300)
    /// Recognises a version and type in the first byte, as uTP (BEP 29) does: the weakest mark, so the last asked.
    public static let version = DatagramOrder(rank: 400)

    /// Whether `left` is asked before `right`.
    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}

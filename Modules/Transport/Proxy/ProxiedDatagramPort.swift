// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// The UDP port of a session behind a SOCKS proxy that relays datagrams (RFC 1928, UDP ASSOCIATE): nothing is sent to
/// anyone but the proxy, and nothing is accepted from anyone else.
///
/// While there is no association, for instance because the proxy refuses it, nothing can be sent.
package final class ProxiedDatagramPort: DatagramPort {
    /// The loop on which services are called.
    package let loop: any EventLoop

    private let inner: UDPPort
    private let association: ProxyAssociation
    private let services: DatagramServices
    private let senders: NIOLoopBoundBox<ProxySenders>

    private init(_ inner: UDPPort, _ association: ProxyAssociation) {
        self.inner = inner
        self.association = association
        loop = inner.loop
        services = DatagramServices(on: inner.loop)
        senders = .makeBoxSendingValue(ProxySenders(), eventLoop: inner.loop)
    }

    /// Binds a socket of the proxy's family, and waits until the proxy has answered for the first time.
    ///
    /// - Throws: `TransportError`; `localBinding` if `binding` lacks a SOCKS proxy or an address of its family.
    package static func open(
        binding: LocalBinding,
        runtime: TransportRuntime
    ) async throws(TransportError) -> ProxiedDatagramPort {
        guard let proxy = binding.proxy, proxy.carriesDatagrams else {
            throw TransportError(.localBinding, "no proxy carries datagrams")
        }
        let isIPv4 = proxy.endpoint.address.isIPv4
        var local = LocalBinding(interface: binding.interface)
        let any = isIPv4 ? IPAddress(v4: 0) : IPAddress(v6High: 0, low: 0)
        local.addresses = [try binding.source(for: proxy.endpoint.address) ?? any]
        let inner = try await UDPPort.open(binding: local, runtime: runtime)
        let association = ProxyAssociation(proxy, from: binding, on: inner.loop)
        let port = ProxiedDatagramPort(inner, association)
        inner.attach(Relay(port), order: .transaction)
        try? await inner.loop.flatSubmit { association.open() }.get()
        return port
    }

    /// Nobody knows where we are, only that IPv4 can be used: no address, and port 0.
    package var endpoints: [PeerEndpoint] { [PeerEndpoint(address: IPAddress(v4: 0), port: 0)] }

    package func attach(_ service: any DatagramService, order: DatagramOrder) {
        services.attach(service, order: order)
    }

    package func detach(_ service: any DatagramService) { services.detach(service) }

    package func send(_ bytes: ByteBuffer, segmentBytes: Int?, to remote: PeerEndpoint, from loop: any EventLoop) {
        let datagram = Datagram(bytes, from: remote, segmentBytes: segmentBytes)
        if loop === self.loop { return send(datagram) }
        self.loop.execute { [self] in send(datagram) }
    }

    package func flush(from loop: any EventLoop) {
        if loop === self.loop { return inner.flush(from: loop) }
        self.loop.execute { [self] in inner.flush(from: self.loop) }
    }

    package func close() async {
        association.close()
        await inner.close()
        services.clear()
    }

    // MARK: - On the loop

    /// Sends each segment with a header that names its target, which is `datagram.sender` here.
    private func send(_ datagram: Datagram) {
        let remote = datagram.sender
        guard let relay = association.relay else {
            return services.handleUnsendable(to: remote, TransportError(.proxy, "send a datagram to \(remote)"))
        }
        let name = ProxyNames.shared.name(for: remote.address)
        senders.value.noteSent(to: remote, isStandIn: name != nil, at: .now)
        let target = name.map { ProxyTarget.name($0, port: remote.port) } ?? .endpoint(remote)
        var rest = datagram
        while let segment = rest.nextSegment() {
            var out = ByteBuffer()
            SOCKSDatagram(to: target, segment).write(to: &out)
            inner.send(out, segmentBytes: nil, to: relay, from: loop)
        }
    }

    fileprivate func isRelay(_ endpoint: PeerEndpoint) -> Bool { association.relay == endpoint }

    fileprivate func handleReceived(_ datagrams: [Datagram]) {
        for var datagram in datagrams {
            while let segment = datagram.nextSegment() {
                guard let relayed = SOCKSDatagram(parsing: segment), case .endpoint(let sender) = relayed.target else {
                    continue
                }
                let target = senders.value.target(answeredBy: sender, at: .now)
                services.handleRead(Datagram(relayed.payload, from: target))
            }
        }
        services.handleReadComplete()
    }
}

/// Takes what comes from the relay, and nothing else.
private final class Relay: DatagramService {
    /// The port owns the socket's services, and so this one, until it is closed.
    private weak let port: ProxiedDatagramPort?

    init(_ port: ProxiedDatagramPort) { self.port = port }

    func recognises(_ datagram: RawSpan, from sender: PeerEndpoint) -> Bool { port?.isRelay(sender) ?? false }

    func handleReceived(_ datagrams: [Datagram]) { port?.handleReceived(datagrams) }
}

// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import NIOPosix
package import RucheWire

/// Opens TCP connections through a local binding, whatever protocol runs over them.
package struct StreamDialer: Sendable {
    /// The binding to dial from.
    package let binding: LocalBinding

    package init(binding: LocalBinding) { self.binding = binding }

    /// Connects to `remote` on `loop`, one of the runtime's, through the binding's proxy if it has one. `configure` adds
    /// handlers to the pipeline before the connection opens. Nothing is read before `startReading`.
    ///
    /// Fails with a `TransportError`, or with what `configure` throws.
    package func connect(
        to remote: PeerEndpoint,
        on loop: any EventLoop,
        timeout: Interval,
        configure: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) -> EventLoopFuture<any Channel> {
        guard let proxy = binding.proxy else { return open(remote, on: loop, timeout, configure) }
        let name = ProxyNames.shared.name(for: remote.address)
        let target = name.map { ProxyTarget.name($0, port: remote.port) } ?? .endpoint(remote)
        let connector = ProxyConnector(
            proxy.makeHandshake(to: target),
            to: name.map { "\($0):\(remote.port)" } ?? "\(remote)",
            timeout: timeout,
            on: loop
        )
        return open(proxy.endpoint, on: loop, timeout) { channel in
            try channel.pipeline.syncOperations.addHandler(connector)
            try configure(channel)
        }.flatMap { channel in connector.opened.map { channel } }
    }

    private func open(
        _ remote: PeerEndpoint,
        on loop: any EventLoop,
        _ timeout: Interval,
        _ configure: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        do throws(TransportError) {
            let option = try binding.interface.map { name throws(TransportError) in
                try InterfaceOption(interface: name, isIPv4: remote.address.isIPv4)
            }
            var bootstrap = BulkTCP.bootstrap(on: loop)
                .connectTimeout(TimeAmount(timeout))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try configure(channel) }.flatMap {
                        option?.apply(to: channel) ?? channel.eventLoop.makeSucceededVoidFuture()
                    }
                }
            if let source = try binding.source(for: remote.address) {
                bootstrap = bootstrap.bind(to: SocketAddress(PeerEndpoint(address: source, port: 0)))
            }
            return bootstrap.connect(to: SocketAddress(remote)).flatMapErrorThrowing { error in
                throw TransportError(error, "dial \(remote)")
            }
        } catch {
            return loop.makeFailedFuture(error)
        }
    }

    /// Makes `channel` read from now on whenever data is available. Call it on its loop.
    package static func startReading(_ channel: any Channel) throws { try BulkTCP.startReading(channel) }
}

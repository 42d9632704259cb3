// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// The UDP port of a session whose proxy carries no UDP: it has no socket, and refuses everything.
package final class ClosedDatagramPort: DatagramPort {
    package let loop: any EventLoop
    private let services = Locked<[any DatagramService]>([])

    /// Creates a port whose services are called on `loop`.
    package init(on loop: any EventLoop) { self.loop = loop }

    /// None.
    package var endpoints: [PeerEndpoint] { [] }

    /// Remembers `service`, so that it is told of what it cannot send.
    package func attach(_ service: any DatagramService, order: DatagramOrder) {
        services.withLock { $0.append(service) }
    }

    /// Forgets `service`.
    package func detach(_ service: any DatagramService) { services.withLock { $0.removeAll { $0 === service } } }

    /// Reports to every service that nothing can be sent to `remote`.
    package func send(_ bytes: ByteBuffer, segmentBytes: Int?, to remote: PeerEndpoint, from loop: any EventLoop) {
        let error = TransportError(.proxy, "send a datagram to \(remote)")
        self.loop.execute { [self] in
            for service in services.withLock({ $0 }) { service.handleUnsendable(to: remote, because: error) }
        }
    }

    /// Does nothing.
    package func flush(from loop: any EventLoop) {}

    /// Does nothing.
    package func close() async {}
}

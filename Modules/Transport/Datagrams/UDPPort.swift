// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import NIOPosix
package import RucheWire

/// The `DatagramPort` of the system's UDP sockets.
///
/// Reads and writes are batched: vectored, and with segmentation and receive offload (GSO, GRO) if the kernel supports
/// them. A loop other than the port's collects what it sends and passes it on once per flush.
///
/// Owner: the session, which closes it before the runtime stops.
package final class UDPPort: DatagramPort {
    /// The loop of both sockets.
    package let loop: any EventLoop
    /// The endpoints to which the sockets are bound, IPv4 first.
    package let endpoints: [PeerEndpoint]

    private let services: DatagramServices
    private let sockets: [UDPPortSocket]
    private let outboxes: [Outbox]

    /// What one loop other than the port's has queued since its last flush.
    private struct Outbox: Sendable {
        let loop: any EventLoop
        let letters: NIOLoopBoundBox<Letters>
    }

    struct Letter: Sendable {
        let bytes: ByteBuffer
        let segmentBytes: Int?
        let remote: PeerEndpoint
    }

    private struct Letters {
        var waiting: [Letter] = []
        var byteCount = 0
    }

    private let outboxBytes: Int

    private init(
        sockets: [UDPPortSocket],
        services: DatagramServices,
        loop: any EventLoop,
        runtime: TransportRuntime
    ) {
        self.loop = loop
        self.services = services
        self.sockets = sockets
        endpoints = sockets.map(\.local)
        outboxBytes = runtime.limits.datagramSendBytes
        outboxes = runtime.loops.filter { $0 !== loop }.map { loop in
            Outbox(loop: loop, letters: .makeBoxSendingValue(Letters(), eventLoop: loop))
        }
    }

    /// Binds `port` for each family in `binding`; 0 chooses any port, if possible the same for both families.
    ///
    /// - Throws: `TransportError`; `portInUse` if another program has the port, `localBinding` if no family can be
    ///   bound, or one that `binding` names cannot.
    package static func open(
        port: UInt16 = 0,
        binding: LocalBinding = .init(),
        runtime: TransportRuntime
    ) async throws(TransportError) -> UDPPort {
        let loop = runtime.nextLoop()
        let services = DatagramServices(on: loop)
        var sockets: [UDPPortSocket] = []
        var wanted = port
        do {
            for address in binding.listening {
                let endpoint = PeerEndpoint(address: address, port: wanted)
                do {
                    let socket = try await UDPPortSocket.open(endpoint, binding, services, on: loop, runtime.limits)
                    sockets.append(socket)
                    wanted = socket.local.port
                } catch  where binding.addresses.isEmpty && error.isMissingFamily {
                    continue
                }
            }
        } catch {
            for socket in sockets { await socket.close() }
            throw error
        }
        guard !sockets.isEmpty else { throw TransportError(.localBinding, "no address family to bind UDP to") }
        return UDPPort(sockets: sockets, services: services, loop: loop, runtime: runtime)
    }

    /// Attaches at once on the port's loop, and soon from any other thread.
    package func attach(_ service: any DatagramService, order: DatagramOrder) {
        services.attach(service, order: order)
    }

    /// Detaches at once on the port's loop, and soon from any other thread.
    package func detach(_ service: any DatagramService) {
        services.detach(service)
    }

    /// Queues `bytes`; see `DatagramPort`. A family that is not bound is reported as unreachable.
    package func send(_ bytes: ByteBuffer, segmentBytes: Int?, to remote: PeerEndpoint, from loop: any EventLoop) {
        let letter = Letter(bytes: bytes, segmentBytes: segmentBytes, remote: remote)
        if loop === self.loop { return write(letter) }
        guard let outbox = outboxes.first(where: { $0.loop === loop }) else { return }
        guard outbox.letters.value.byteCount < outboxBytes else { return }
        outbox.letters.value.waiting.append(letter)
        outbox.letters.value.byteCount += bytes.readableBytes
    }

    /// Sends what was queued from `loop`; from a loop other than the port's, with a single hop.
    package func flush(from loop: any EventLoop) {
        if loop === self.loop { return flushSockets() }
        guard let outbox = outboxes.first(where: { $0.loop === loop }), !outbox.letters.value.waiting.isEmpty else {
            return
        }
        let letters = outbox.letters.value.waiting
        outbox.letters.value = Letters()
        self.loop.execute { [self] in
            for letter in letters { write(letter) }
            flushSockets()
        }
    }

    /// Closes both sockets and drops the services.
    package func close() async {
        for socket in sockets { await socket.close() }
        services.clear()
    }

    private func write(_ letter: Letter) {
        let isIPv4 = letter.remote.address.isIPv4
        guard let socket = sockets.first(where: { $0.local.address.isIPv4 == isIPv4 }) else {
            let family = isIPv4 ? "IPv4" : "IPv6"
            return services.handleUnsendable(to: letter.remote, TransportError(.unreachable, "no \(family) socket"))
        }
        socket.write(letter)
    }

    private func flushSockets() {
        for socket in sockets { socket.flush() }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// The services of a port, and what each of them recognised of the read that is under way.
///
/// Owner: `UDPPort`; confined to its loop.
final class DatagramServices: Sendable {
    private struct Attached {
        let service: any DatagramService
        let order: DatagramOrder
        var received: [Datagram] = []
    }

    private let loop: any EventLoop
    private let attached: NIOLoopBoundBox<[Attached]>

    init(on loop: any EventLoop) {
        self.loop = loop
        attached = .makeBoxSendingValue([], eventLoop: loop)
    }

    func attach(_ service: any DatagramService, order: DatagramOrder) {
        onLoop { attached in
            let place = attached.firstIndex { $0.order > order } ?? attached.endIndex
            attached.insert(Attached(service: service, order: order), at: place)
        }
    }

    func detach(_ service: any DatagramService) {
        onLoop { $0.removeAll { $0.service === service } }
    }

    func clear() {
        onLoop { $0.removeAll() }
    }

    // MARK: - On the loop

    /// Notes a datagram for the first service that recognises it; what nobody recognises is dropped.
    func handleRead(_ datagram: Datagram) {
        let length = min(datagram.segmentBytes, datagram.bytes.readableBytes)
        let index = datagram.bytes.withUnsafeReadableBytes { bytes in
            let first = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: bytes[..<length]))
            return attached.value.firstIndex { $0.service.recognises(first, from: datagram.sender) }
        }
        if let index { attached.value[index].received.append(datagram) }
    }

    /// Delivers what was noted. A service may attach, detach and send meanwhile.
    func handleReadComplete() {
        for index in attached.value.indices where !attached.value[index].received.isEmpty {
            guard index < attached.value.count else { return }
            let batch = attached.value[index].received
            attached.value[index].received = []
            attached.value[index].service.handleReceived(batch)
        }
    }

    /// Tells the services, but not within the call by which one of them sent.
    func handleUnsendable(to remote: PeerEndpoint, _ error: TransportError) {
        loop.execute { [attached] in
            for each in attached.value { each.service.handleUnsendable(to: remote, because: error) }
        }
    }

    private func onLoop(_ change: @escaping @Sendable (inout [Attached]) -> Void) {
        if loop.inEventLoop { return change(&attached.value) }
        loop.execute { change(&self.attached.value) }
    }
}

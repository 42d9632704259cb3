// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// The services of a port, and what each of them recognised in the current read.
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

    /// Assigns each datagram to the first service that recognises it; others are dropped. Datagrams that the system
    /// joined may belong to several services: consecutive ones of one service stay joined.
    func handleRead(_ datagram: Datagram) {
        var rest = datagram
        var run: (service: Int?, start: Int) = (nil, rest.bytes.readerIndex)
        while rest.bytes.readableBytes > 0 {
            let start = rest.bytes.readerIndex
            let service = recogniser(of: rest)
            if service != run.service {
                note(datagram, run.start..<start, for: run.service)
                run = (service, start)
            }
            _ = rest.nextSegment()
        }
        note(datagram, run.start..<rest.bytes.readerIndex, for: run.service)
    }

    /// Returns the first service that recognises the first segment of `datagram`.
    private func recogniser(of datagram: Datagram) -> Int? {
        let length = min(datagram.segmentBytes, datagram.bytes.readableBytes)
        return datagram.bytes.withUnsafeReadableBytes { bytes in
            let segment = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: bytes[..<length]))
            return attached.value.firstIndex { $0.service.recognises(segment, from: datagram.sender) }
        }
    }

    private func note(_ datagram: Datagram, _ run: Range<Int>, for service: Int?) {
        guard let service, let bytes = datagram.bytes.getSlice(at: run.lowerBound, length: run.count), run.count > 0
        else { return }
        attached.value[service].received.append(
            Datagram(bytes, from: datagram.sender, segmentBytes: datagram.segmentBytes)
        )
    }

    /// Delivers the assigned datagrams. Services may attach, detach and send meanwhile; a detached one receives nothing
    /// more.
    func handleReadComplete() {
        let deliveries = attached.value.filter { !$0.received.isEmpty }
        for index in attached.value.indices { attached.value[index].received = [] }
        for delivery in deliveries where attached.value.contains(where: { $0.service === delivery.service }) {
            delivery.service.handleReceived(delivery.received)
        }
    }

    /// Informs the services, but not within the call in which one of them sent.
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

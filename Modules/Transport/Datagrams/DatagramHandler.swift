// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// Passes on what a dedicated socket receives, one datagram at a time. An error, such as an ICMP refusal or a brief
/// network outage, does not close the socket.
final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let handleDatagram: @Sendable (ByteBuffer, PeerEndpoint) -> Void
    private let handleError: @Sendable () -> Void

    init(
        _ handleDatagram: @escaping @Sendable (ByteBuffer, PeerEndpoint) -> Void,
        _ handleError: @escaping @Sendable () -> Void = {}
    ) {
        self.handleDatagram = handleDatagram
        self.handleError = handleError
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let sender = PeerEndpoint(envelope.remoteAddress) else { return }
        handleDatagram(envelope.data, sender)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { handleError() }
}

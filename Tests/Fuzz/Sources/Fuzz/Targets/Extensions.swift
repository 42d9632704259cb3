// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

extension FuzzTarget {
    /// The payloads of all extended messages. Each input is parsed as every kind.
    static let extensions = FuzzTarget(name: "extensions", seeds: { extensionSeeds }) { bytes in
        let payload = ByteBuffer(bytes: bytes)
        if let handshake = try? ExtendedHandshake(parsing: payload) {
            require((try? ExtendedHandshake(parsing: handshake.encoded())) == handshake, "handshakes can be written")
        }
        if let message = try? MetadataMessage(parsing: payload) {
            require((try? MetadataMessage(parsing: message.encoded())) == message, "metadata can be written")
        }
        if let message = try? PeerExchangeMessage(parsing: payload) {
            require(message.added.count + message.dropped.count <= 4 * PeerLimits().pexContactCount, "limits hold")
            let again = try? PeerExchangeMessage(parsing: message.encoded())
            require(again.map { Set($0.added) } == Set(message.added), "contacts can be written")
        }
        if let message = try? HolepunchMessage(parsing: payload) {
            require((try? HolepunchMessage(parsing: message.encoded())) == message, "hole punches can be written")
        }
        if let message = try? DontHaveMessage(parsing: payload) {
            require((try? DontHaveMessage(parsing: message.encoded())) == message, "dont-have messages can be written")
        }
        if let message = try? UploadOnlyMessage(parsing: payload) {
            require(
                (try? UploadOnlyMessage(parsing: message.encoded())) == message,
                "upload-only messages can be written"
            )
        }
    }

    private static let extensionSeeds: [[UInt8]] = {
        var handshake = ExtendedHandshake()
        handshake.extensions = ["ut_metadata": 1, "ut_pex": 2, "lt_donthave": 7]
        handshake.client = "Ruche 0.1"
        handshake.listenPort = 6881
        handshake.requestQueueDepth = 250
        handshake.yourAddress = IPAddress("10.0.0.1")
        handshake.ipv6 = IPAddress("2001:db8::1")
        handshake.metadataByteCount = 31_235
        handshake.isUploadOnly = true
        let endpoints = ["10.0.0.1:6881", "[2001:db8::1]:51413"].compactMap { PeerEndpoint($0) }
        let exchange = PeerExchangeMessage(added: endpoints.map { .init($0, flags: .reachable) }, dropped: endpoints)
        let metadata: [MetadataMessage] = [
            .request(piece: 1), .reject(piece: 1),
            .data(piece: 0, totalByteCount: 10, payload: ByteBuffer(string: "d6:lengthe")),
        ]
        let punches = endpoints.flatMap { endpoint in
            [HolepunchMessage(.rendezvous, endpoint), HolepunchMessage(.error(.noSuchPeer), endpoint)]
        }
        let payloads =
            [
                handshake.encoded(), exchange.encoded(), DontHaveMessage(PieceIndex(3 as UInt32)).encoded(),
                UploadOnlyMessage(true).encoded(),
            ]
            + metadata.map { $0.encoded() } + punches.map { $0.encoded() }
        return payloads.map { Array($0.readableBytesView) }
    }()
}

// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheWire

extension FuzzTarget {
    static let handshake = FuzzTarget(name: "handshake", seeds: { handshakeSeeds }) { bytes in
        var input = ByteBuffer(bytes: bytes)
        guard let handshake = try? Handshake.read(from: &input) else { return }
        var out = ByteBuffer()
        handshake.encode(into: &out)
        require(Array(out.readableBytesView) == Array(bytes.prefix(Handshake.byteCount)), "a handshake has one form")
        _ = handshake.peerID.description
    }

    /// The first byte decides whether the number of pieces is known. The rest is a peer's stream.
    static let messages = FuzzTarget(name: "messages", seeds: { [[0] + messageSeed, [1] + messageSeed] }) { bytes in
        var tape = Tape(bytes)
        var framer = MessageFramer()
        if tape.nextByte() & 1 == 1 { framer.setPieceCount(20) }
        let stream = tape.nextRest()
        let whole = outputs(of: stream, inChunksOf: max(1, stream.count), framer)
        for size in [1, 7, 100] {
            let chunked = outputs(of: stream, inChunksOf: size, framer)
            require(chunked == whole, "messages do not depend on how the stream is split")
        }
    }

    /// Returns the content of a stream: its messages as encoded, each block's bytes, and whether it ended in an error.
    private static func outputs(
        of stream: [UInt8],
        inChunksOf size: Int,
        _ framer: MessageFramer
    ) -> StreamContent {
        var framer = framer
        var content = StreamContent()
        for start in stride(from: 0, to: stream.count, by: size) {
            var input = ByteBuffer(bytes: stream[start..<min(start + size, stream.count)])
            do throws(PeerProtocolError) {
                while let output = try framer.next(from: &input) { content.add(output, &input) }
            } catch {
                content.failed = true
                return content
            }
            require(input.readableBytes == 0, "all input is taken")
        }
        return content
    }

    private static let handshakeSeeds: [[UInt8]] = {
        var random = SeededRandom(seed: 1)
        let peerID = PeerID(prefix: "-RU0100-", using: &random)
        var out = ByteBuffer()
        Handshake(capabilities: [.fast, .extended, .dht], infoHash: SHA1Digest(), peerID: peerID).encode(into: &out)
        return [Array(out.readableBytesView)]
    }()

    private static let messageSeed: [UInt8] = {
        let piece = PieceIndex(3 as UInt32)
        let block = BlockRequest(piece: piece, offset: 16_384, length: 16)
        let hashes = HashRequest(root: SHA256Digest(), baseLayer: 0, index: 0, length: 2, proofLayers: 1)
        let messages: [PeerMessage] = [
            .keepAlive, .bitfield(ByteBuffer(bytes: [0xff, 0xff, 0xf0])), .choke, .unchoke, .interested, .notInterested,
            .have(piece), .request(block), .cancel(block), .port(6881), .suggest(piece), .haveAll, .haveNone,
            .reject(block),
            .allowedFast(piece), .extended(id: 0, payload: ByteBuffer(string: "d1:md6:ut_pexi1eee")),
            .hashRequest(hashes), .hashReject(hashes),
            .hashes(hashes, ByteBuffer(bytes: [UInt8](repeating: 9, count: 64))),
        ]
        var out = ByteBuffer()
        for message in messages { message.encode(into: &out) }
        block.encodeBlockHeader(into: &out)
        out.writeRepeatingByte(5, count: Int(block.length))
        out.writeBytes([0, 0, 0, 3, 200, 1, 2])
        return Array(out.readableBytesView)
    }()
}

private struct StreamContent: Equatable {
    var messages: [PeerMessage] = []
    var blocks: [BlockRequest] = []
    var payload: [UInt8] = []
    var failed = false

    mutating func add(_ output: MessageFramer.Output, _ input: inout ByteBuffer) {
        switch output {
        case .message(let message):
            messages.append(message)
            require(Self.reread(message) == message, "\(message) can be written and read")
        case .block(let block): blocks.append(block)
        case .payload(let count, _):
            require(1...input.readableBytes ~= count, "a payload is in the input")
            payload += input.readBytes(length: count) ?? []
        }
    }

    private static func reread(_ message: PeerMessage) -> PeerMessage? {
        if case .unknown = message { return message }
        var framer = MessageFramer()
        var out = ByteBuffer()
        message.encode(into: &out)
        guard case .message(let again)? = try? framer.next(from: &out) else { return nil }
        return again
    }
}

// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire

/// A minimal BitTorrent peer (BEP 3) that transfers one file: it either has all of it or wants all of it.
final class MiniPeer: PeerStreamSink {
    /// The file, once it is complete.
    let file = Inbox<[UInt8]>()
    private let stream: UTPStream
    private let infoHash: [UInt8]
    private let pieceBytes = 65_536
    private let blockBytes = 16_384
    private let isSeed: Bool
    private var content: [UInt8]
    private var missing: Int
    private var input = ByteBuffer()
    private var isGreeted = false
    private var hasAsked = false

    init(_ stream: UTPStream, infoHash: [UInt8], content: [UInt8], isSeed: Bool) {
        self.stream = stream
        self.infoHash = infoHash
        self.isSeed = isSeed
        self.content = isSeed ? content : [UInt8](repeating: 0, count: content.count)
        missing = content.count
    }

    func begin() {
        stream.attach(self)
        let id = Array("-XX0000-abcdefghijkl".utf8)
        send([19] + Array("BitTorrent protocol".utf8) + [UInt8](repeating: 0, count: 8) + infoHash + id)
        stream.flush()
        stream.read(.batch)
    }

    func handleReceived(_ bytes: ByteBuffer) { input.writeImmutableBuffer(bytes) }

    func handleReadDone() {
        if !isGreeted, input.readSlice(length: 68) != nil {
            isGreeted = true
            if isSeed {
                let pieces = (content.count + pieceBytes - 1) / pieceBytes
                let bits = (0..<(pieces + 7) / 8).map { byte -> UInt8 in
                    (0..<8).reduce(0) { $0 | (byte * 8 + $1 < pieces ? UInt8(0x80) >> UInt8($1) : 0) }
                }
                sendMessage(5, bits)
                sendMessage(1, [])
            } else {
                sendMessage(2, [])
            }
        }
        while isGreeted, let message = nextMessage() { handle(message) }
        stream.flush()
        stream.read(.batch)
    }

    func handleWritable() {}
    func handleWritten(_ tag: UInt32) {}
    func handleClosed() { file.close() }

    private func nextMessage() -> ByteBuffer? {
        guard let length = input.getInteger(at: input.readerIndex, as: UInt32.self),
            input.readableBytes >= 4 + Int(length)
        else { return nil }
        input.moveReaderIndex(forwardBy: 4)
        return input.readSlice(length: Int(length))
    }

    private func handle(_ message: ByteBuffer) {
        var message = message
        switch message.readInteger(as: UInt8.self) {
        case 1 where !isSeed && !hasAsked:
            hasAsked = true
            requestAll()
        case 6 where isSeed:
            guard let (piece, begin, length) = message.readMultipleIntegers(as: (UInt32, UInt32, UInt32).self) else {
                return
            }
            let start = Int(piece) * pieceBytes + Int(begin)
            sendMessage(7, words(piece, begin) + content[start..<start + Int(length)])
        case 7 where !isSeed:
            guard let (piece, begin) = message.readMultipleIntegers(as: (UInt32, UInt32).self) else { return }
            let start = Int(piece) * pieceBytes + Int(begin)
            content.replaceSubrange(start..<start + message.readableBytes, with: message.readableBytesView)
            missing -= message.readableBytes
            if missing == 0 { file.append([content]) }
        default: return
        }
    }

    private func requestAll() {
        for start in stride(from: 0, to: content.count, by: blockBytes) {
            let length = min(blockBytes, content.count - start)
            sendMessage(6, words(UInt32(start / pieceBytes), UInt32(start % pieceBytes), UInt32(length)))
        }
    }

    private func words(_ words: UInt32...) -> [UInt8] {
        words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
    }

    private func sendMessage(_ id: UInt8, _ body: [UInt8]) { send(words(UInt32(body.count + 1)) + [id] + body) }

    private func send(_ bytes: [UInt8]) { stream.write(ByteBuffer(bytes: bytes), tag: nil) }
}

// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// Workloads that parse and encode bytes.
public enum CodecWorkloads {
    private static let messageCount = 10_000

    /// Torrents of nearly ten megabytes, and the messages that dominate a transfer.
    public static var all: [Workload] {
        let torrents = SampleTorrent.allCases.flatMap { parsing($0.bytes(), of: $0.rawValue) }
        return torrents + framing + encoding + bitfields
    }

    /// Parses a .torrent file, as bencode and completely.
    public static func parsing(_ bytes: [UInt8], of name: String) -> [Workload] {
        [
            Workload("bencode, \(name)", operationCount: 1, byteCount: bytes.count) {
                { stopwatch in
                    stopwatch.start()
                    let document = try? BencodeDocument(bytes, rules: .lenient)
                    stopwatch.stop()
                    precondition(document != nil, "\(name) was not parsed")
                }
            },
            Workload("metainfo, \(name)", operationCount: 1, byteCount: bytes.count) {
                { stopwatch in
                    stopwatch.start()
                    let metainfo = try? MetainfoParser.parse(bytes)
                    stopwatch.stop()
                    precondition(metainfo != nil, "\(name) was not parsed")
                }
            },
        ]
    }

    // MARK: - Peers

    private static let block = BlockRequest(piece: PieceIndex(1_234), offset: 65_536, length: UInt32(Block.byteCount))

    private static var framing: [Workload] {
        [
            framing("have", messageCount) { PeerMessage.have(PieceIndex($1)).encode(into: &$0) },
            framing("request", messageCount) { out, _ in PeerMessage.request(block).encode(into: &out) },
            framing("piece", 256) { out, _ in
                block.encodeBlockHeader(into: &out)
                out.writeRepeatingByte(0x5a, count: Block.byteCount)
            },
        ]
    }

    /// Splits a sequence of messages as it comes from a socket: 256 KiB per read, so that some messages are split.
    private static func framing(
        _ name: String,
        _ count: Int,
        _ write: @escaping @Sendable (inout ByteBuffer, Int) -> Void
    ) -> Workload {
        var stream = ByteBuffer()
        for index in 0..<count { write(&stream, index) }
        let bytes = stream
        return Workload("frame \(name)", operationCount: count, byteCount: bytes.readableBytes) {
            let readByteCount = 256 << 10
            var framer = MessageFramer()
            return { stopwatch in
                var rest = bytes
                stopwatch.start()
                while let slice = rest.readSlice(length: min(readByteCount, rest.readableBytes)),
                    slice.readableBytes > 0
                {
                    var input = slice
                    takeApart(&input, &framer)
                }
                stopwatch.stop()
            }
        }
    }

    private static func takeApart(_ input: inout ByteBuffer, _ framer: inout MessageFramer) {
        while let output = try? framer.next(from: &input) {
            if case .payload(let count, _) = output { input.moveReaderIndex(forwardBy: count) }
        }
    }

    private static var encoding: [Workload] {
        [
            encoding("have") { PeerMessage.have(PieceIndex($1)).encode(into: &$0) },
            encoding("request") { out, _ in PeerMessage.request(block).encode(into: &out) },
            encoding("header of piece") { out, _ in block.encodeBlockHeader(into: &out) },
        ]
    }

    private static func encoding(
        _ name: String,
        _ write: @escaping @Sendable (inout ByteBuffer, Int) -> Void
    ) -> Workload {
        Workload("write \(name)", operationCount: messageCount) {
            var out = ByteBuffer()
            out.reserveCapacity(32 * messageCount)
            return { stopwatch in
                out.clear()
                stopwatch.start()
                for index in 0..<messageCount { write(&out, index) }
                stopwatch.stop()
            }
        }
    }

    private static var bitfields: [Workload] {
        let count = 100_000
        let bytes = Bitfield(count: count, allSet: true).wireBytes
        return [
            Workload("read bitfield, \(count) pieces", operationCount: 1, byteCount: bytes.count) {
                { stopwatch in
                    stopwatch.start()
                    let bits = Bitfield(wire: bytes, count: count)
                    stopwatch.stop()
                    keep(bits)
                }
            },
            Workload("write bitfield, \(count) pieces", operationCount: 1, byteCount: bytes.count) {
                let bits = Bitfield(count: count, allSet: true)
                return { stopwatch in
                    stopwatch.start()
                    let wire = bits.wireBytes
                    stopwatch.stop()
                    keep(wire)
                }
            },
        ]
    }
}

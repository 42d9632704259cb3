// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// Makes a capture file of what passes over a virtual network, as an observer at the receiving hosts would see it: TCP segments
/// over IPv4, in the format of libpcap with nanoseconds and link type RAW.
///
/// Checksums are left 0, which readers take for offloaded.
struct PacketCapture {
    /// What a segment does besides carrying bytes.
    struct Flags: OptionSet {
        let rawValue: UInt8
        static let fin = Self(rawValue: 0x01)
        static let syn = Self(rawValue: 0x02)
        static let reset = Self(rawValue: 0x04)
        static let push = Self(rawValue: 0x08)
        static let ack = Self(rawValue: 0x10)
    }

    private let write: ([UInt8]) -> Void

    /// Starts a capture. `write` is given the file piece by piece.
    init(_ write: @escaping ([UInt8]) -> Void) {
        self.write = write
        var header = ByteBuffer()
        header.writeInteger(0xa1b2_3c4d as UInt32)
        header.writeInteger(2 as UInt16)
        header.writeInteger(4 as UInt16)
        header.writeInteger(0 as UInt64)  // time zone and accuracy
        header.writeInteger(UInt32(Self.headerByteCount + Self.payloadLimit))
        header.writeInteger(101 as UInt32)
        write(Array(buffer: header))
    }

    /// The largest payload of an IPv4 packet that carries TCP without options.
    private static let payloadLimit = 65_535 - headerByteCount
    private static let headerByteCount = 40

    /// Records that a connection opens.
    func recordOpening(by dialler: VirtualStream, at now: Instant) {
        guard let answerer = dialler.other else { return }
        let (caller, callee) = (dialler.local, answerer.local)
        write(packet(ByteBuffer(), .syn, from: caller, to: callee, 0, 0, at: now))
        write(packet(ByteBuffer(), [.syn, .ack], from: callee, to: caller, 0, 1, at: now))
        write(packet(ByteBuffer(), .ack, from: caller, to: callee, 1, 1, at: now))
    }

    /// Records a segment that reaches `receiver`, the end of a connection, at `now`.
    func record(_ payload: ByteBuffer, _ flags: Flags, to receiver: VirtualStream, at now: Instant) {
        var payload = payload
        var sequence = receiver.receivedSequence
        repeat {
            let part = payload.readSlice(length: min(payload.readableBytes, Self.payloadLimit)) ?? ByteBuffer()
            let acknowledged = receiver.other?.receivedSequence ?? 1
            write(packet(part, flags, from: receiver.remote, to: receiver.local, sequence, acknowledged, at: now))
            sequence &+= UInt32(truncatingIfNeeded: part.readableBytes)
        } while payload.readableBytes > 0
    }

    private func packet(
        _ payload: ByteBuffer,
        _ flags: Flags,
        from source: PeerEndpoint,
        to target: PeerEndpoint,
        _ sequence: UInt32,
        _ acknowledged: UInt32,
        at now: Instant
    ) -> [UInt8] {
        let byteCount = Self.headerByteCount + payload.readableBytes
        var out = ByteBuffer()
        out.reserveCapacity(16 + byteCount)
        out.writeInteger(UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000_000))
        out.writeInteger(UInt32(truncatingIfNeeded: now.nanoseconds % 1_000_000_000))
        out.writeInteger(UInt32(byteCount))
        out.writeInteger(UInt32(byteCount))
        // IPv4: version and length, service, total length; identification, do not fragment; lifetime, TCP, no checksum.
        out.writeInteger(0x4500 as UInt16)
        out.writeInteger(UInt16(byteCount))
        out.writeInteger(0x0000_4000 as UInt32)
        out.writeInteger(0x4006_0000 as UInt32)
        out.writeInteger(UInt32(truncatingIfNeeded: source.address.low))
        out.writeInteger(UInt32(truncatingIfNeeded: target.address.low))
        // TCP: no options, the largest window, no checksum, nothing urgent.
        out.writeInteger(source.port)
        out.writeInteger(target.port)
        out.writeInteger(sequence)
        out.writeInteger(flags.contains(.ack) ? acknowledged : 0)
        out.writeInteger(0x50 as UInt8)
        out.writeInteger(flags.rawValue)
        out.writeInteger(0xffff as UInt16)
        out.writeInteger(0 as UInt32)
        out.writeImmutableBuffer(payload)
        return Array(buffer: out)
    }
}

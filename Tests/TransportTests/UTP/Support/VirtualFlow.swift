// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire

@testable import RucheTransport

/// One end of a virtual connection, with an application that writes a pattern and checks what it reads.
final class VirtualEnd {
    var core: UTPConnection
    /// Bytes that the application has not written yet.
    var toWrite = 0
    var written = 0
    var read = 0
    var isReadRight = true
    var readsNothing = false
    var closesWhenWritten = false
    var events: [UTPEvent] = []
    /// How much faster this end's clock runs than virtual time.
    var clockError = 0.0
    var wakeAt: Instant?

    /// Application bytes that may wait in the connection.
    private static let writeAhead = 256 * 1024
    private static let pattern: [UInt8] = (0..<65_536 + 251).map { UInt8(truncatingIfNeeded: $0 % 251) }

    init(_ core: UTPConnection) { self.core = core }

    func clock(_ time: Instant) -> Instant {
        Instant(nanoseconds: time.nanoseconds + Int64(Double(time.nanoseconds) * clockError))
    }

    /// Returns the virtual time at which this end's clock shows `time`.
    func world(_ time: Instant) -> Instant {
        Instant(nanoseconds: Int64((Double(time.nanoseconds) / (1 + clockError)).rounded(.up)))
    }

    /// Lets the application read and write, then returns what the connection sends.
    func drain(at now: Instant) -> [ByteBuffer] {
        while let event = core.nextEvent() {
            if event == .readable, !readsNothing { readAll() }
            if event != .readable { events.append(event) }
        }
        while toWrite > 0, core.isOpen, core.unsentByteCount < Self.writeAhead {
            let length = min(toWrite, 65_536)
            let start = written % 251
            core.write(ByteBuffer(bytes: Self.pattern[start..<start + length]))
            written += length
            toWrite -= length
        }
        if toWrite == 0, closesWhenWritten, core.isOpen { core.close(at: now) }
        var datagrams: [ByteBuffer] = []
        var buffer = ByteBuffer()
        while core.nextDatagram(into: &buffer, at: now) != nil {
            datagrams.append(buffer)
            buffer = ByteBuffer()
        }
        return datagrams
    }

    func readAll() {
        let bytes = core.read()
        bytes.withUnsafeReadableBytes { raw in
            var offset = 0
            while offset < raw.count {
                let length = min(raw.count - offset, 65_536)
                let start = (read + offset) % 251
                let isEqual = Self.pattern[start..<start + length].elementsEqual(raw[offset..<offset + length])
                isReadRight = isReadRight && isEqual
                offset += length
            }
        }
        read += bytes.readableBytes
    }
}

/// A connection between two ends.
final class VirtualFlow {
    let ends: [VirtualEnd]

    /// The first end dials; the second is created when a SYN arrives.
    init(_ limits: UTPLimits, _ random: inout SeededRandom, at now: Instant) {
        let dialler = UTPConnection(dialling: 100, limits, random: random.makeChild(), at: now)
        var syn = UTPHeader(.syn, connectionID: 100, sequence: UTPSequence(0), acknowledged: UTPSequence(0))
        syn.window = 0
        let accepter = UTPConnection(accepting: syn, limits, random: random.makeChild(), at: now)
        ends = [VirtualEnd(dialler), VirtualEnd(accepter)]
    }

    var hasAccepted = false
}

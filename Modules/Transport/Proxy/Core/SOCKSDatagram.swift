// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import RucheWire

/// A datagram on its way between us and a SOCKS proxy, with the header that names its sender or target (RFC 1928
/// section 7).
package struct SOCKSDatagram: Hashable, Sendable {
    /// Where it is sent, or where it comes from.
    package let target: ProxyTarget
    /// The payload.
    package let payload: ByteBuffer

    /// Creates a datagram to `target`, whose name has at most 255 bytes.
    package init(to target: ProxyTarget, _ payload: ByteBuffer) {
        self.target = target
        self.payload = payload
    }

    /// Parses a datagram of the proxy's; nil if it is none, or a part of one, which no proxy has to send.
    package init?(parsing bytes: ByteBuffer) {
        var rest = bytes
        guard let (_, part) = rest.readMultipleIntegers(as: (UInt16, UInt8).self), part == 0,
            let address = try? SOCKSAddress(reading: &rest)
        else { return nil }
        target = address.target
        payload = rest
    }

    /// Appends the datagram, header first.
    package func write(to out: inout ByteBuffer) {
        out.writeRepeatingByte(0, count: 3)
        SOCKSAddress(target).write(to: &out)
        out.writeImmutableBuffer(payload)
    }
}

// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire

#if canImport(Darwin)
import Darwin
private let streamType = SOCK_STREAM
#else
import Glibc
private let streamType = Int32(SOCK_STREAM.rawValue)
#endif

/// Listens on loopback and never accepts: connections open while the backlog has room, and receive nothing.
final class SilentServer: Sendable {
    let endpoint: PeerEndpoint
    private let descriptor: Int32

    struct Failed: Error {}

    init(backlog: Int32 = 64) throws {
        descriptor = socket(AF_INET, streamType, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (descriptor, size) = (descriptor, length)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(descriptor, generic, size) == 0, listen(descriptor, backlog) == 0 else { return Int32(-1) }
                return getsockname(descriptor, generic, &length)
            }
        }
        guard result == 0, let endpoint = PeerEndpoint(SocketAddress(address)) else { throw Failed() }
        self.endpoint = endpoint
    }

    deinit { close(descriptor) }

    /// Resets the waiting connections. The descriptor stays open until `deinit`.
    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

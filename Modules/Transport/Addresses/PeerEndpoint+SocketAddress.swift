// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension PeerEndpoint {
    /// Converts an NIO address; nil if it is not an IP address. IPv4-mapped IPv6 becomes IPv4; a scope is dropped.
    package init?(_ address: SocketAddress) {
        switch address {
        case .v4(let v4): self.init(v4.address)
        case .v6(let v6): self.init(v6.address)
        case .unixDomainSocket: return nil
        }
    }

    init(_ v4: sockaddr_in) {
        self.init(
            address: IPAddress(v4: UInt32(bigEndian: v4.sin_addr.s_addr)),
            port: UInt16(bigEndian: v4.sin_port)
        )
    }

    init(_ v6: sockaddr_in6) {
        let halves = withUnsafeBytes(of: v6.sin6_addr) { bytes in
            (high: bytes.loadUnaligned(as: UInt64.self), low: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        self.init(
            address: IPAddress(v6High: UInt64(bigEndian: halves.high), low: UInt64(bigEndian: halves.low)),
            port: UInt16(bigEndian: v6.sin6_port)
        )
    }

    /// Converts a system address; nil for any family except IP.
    init?(_ storage: sockaddr_storage) {
        switch Int32(storage.ss_family) {
        case AF_INET: self.init(withUnsafeBytes(of: storage) { $0.loadUnaligned(as: sockaddr_in.self) })
        case AF_INET6: self.init(withUnsafeBytes(of: storage) { $0.loadUnaligned(as: sockaddr_in6.self) })
        default: return nil
        }
    }
}

extension SocketAddress {
    /// Converts an endpoint for NIO and system calls.
    package init(_ endpoint: PeerEndpoint) {
        if endpoint.address.isIPv4 {
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = endpoint.port.bigEndian
            v4.sin_addr.s_addr = UInt32(truncatingIfNeeded: endpoint.address.low).bigEndian
            self.init(v4)
        } else {
            var v6 = sockaddr_in6()
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = endpoint.port.bigEndian
            withUnsafeMutableBytes(of: &v6.sin6_addr) { bytes in
                bytes.storeBytes(of: endpoint.address.high.bigEndian, as: UInt64.self)
                bytes.storeBytes(of: endpoint.address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            self.init(v6)
        }
    }
}

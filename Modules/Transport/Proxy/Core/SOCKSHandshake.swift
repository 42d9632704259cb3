// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import RucheWire

/// A client's side of SOCKS version 5 (RFC 1928), with user and password (RFC 1929), for one connection.
///
///     greeted ──no password──▶ requested ──success──▶ done
///        └──password──▶ authenticating ──accepted──▶ requested
///
/// What the proxy sends is taken byte by byte from the input, so what the target sends after it stays there.
package struct SOCKSHandshake: ProxyHandshake {
    private enum Phase {
        case greeted
        case authenticating
        case requested
        case done
    }

    private enum Method {
        static let none: UInt8 = 0
        static let password: UInt8 = 2
    }

    private static let version: UInt8 = 5
    private static let passwordVersion: UInt8 = 1
    private static let connectCommand: UInt8 = 1

    private let target: ProxyTarget
    private let login: ProxyLogin?
    private var phase = Phase.greeted

    /// Creates the handshake for a connection to `target`, whose name has at most 255 bytes.
    package init(to target: ProxyTarget, login: ProxyLogin?) {
        self.target = target
        self.login = login
    }

    /// Whether the connection to the target is open.
    package var isDone: Bool { if case .done = phase { true } else { false } }

    /// Offers the ways to log in.
    package func makeGreeting() -> ByteBuffer {
        let methods = login == nil ? [Method.none] : [Method.none, Method.password]
        return ByteBuffer(bytes: [Self.version, UInt8(methods.count)] + methods)
    }

    /// Takes the next message of the proxy; see `ProxyHandshake`.
    ///
    /// - Throws: `ProxyError`, as every handshake does.
    package mutating func handle(_ input: inout ByteBuffer) throws(ProxyError) -> ByteBuffer? {
        switch phase {
        case .greeted: try handleMethod(&input)
        case .authenticating: try handleVerdict(&input)
        case .requested: try handleReply(&input)
        case .done: nil
        }
    }

    // MARK: - In

    private mutating func handleMethod(_ input: inout ByteBuffer) throws(ProxyError) -> ByteBuffer? {
        guard let (version, method) = input.readMultipleIntegers(as: (UInt8, UInt8).self) else { return nil }
        guard version == Self.version else {
            throw ProxyError(.notSpoken, "expected SOCKS 5, found version \(version)")
        }
        if method == Method.none {
            phase = .requested
            return makeRequest()
        }
        guard method == Method.password, let login else {
            throw ProxyError(.loginRefused, "the proxy accepts no login that we can offer")
        }
        phase = .authenticating
        let (user, password) = (Array(login.user.utf8), Array(login.password.utf8))
        return ByteBuffer(
            bytes: [Self.passwordVersion, UInt8(truncatingIfNeeded: user.count)] + user
                + [UInt8(truncatingIfNeeded: password.count)] + password
        )
    }

    private mutating func handleVerdict(_ input: inout ByteBuffer) throws(ProxyError) -> ByteBuffer? {
        guard let (_, status) = input.readMultipleIntegers(as: (UInt8, UInt8).self) else { return nil }
        guard status == 0 else { throw ProxyError(.loginRefused, "the proxy refuses user and password") }
        phase = .requested
        return makeRequest()
    }

    /// The reply has the proxy's own address, of a length that its fourth byte tells.
    private mutating func handleReply(_ input: inout ByteBuffer) throws(ProxyError) -> ByteBuffer? {
        let start = input.readerIndex
        guard let head = input.getBytes(at: start, length: 5), head.count == 5 else { return nil }
        guard head[0] == Self.version else { throw ProxyError(.notSpoken, "a reply of version \(head[0])") }
        guard head[1] == 0 else { throw ProxyError(socksReply: head[1]) }
        let length =
            switch head[3] {
            case 1: 4 + 4 + 2
            case 3: 5 + Int(head[4]) + 2
            case 4: 4 + 16 + 2
            default: throw ProxyError(.notSpoken, "an address of type \(head[3])")
            }
        guard input.readableBytes >= length else { return nil }
        input.moveReaderIndex(forwardBy: length)
        phase = .done
        return nil
    }

    // MARK: - Out

    private func makeRequest() -> ByteBuffer {
        var out = ByteBuffer(bytes: [Self.version, Self.connectCommand, 0])
        switch target {
        case .endpoint(let endpoint):
            out.writeInteger(endpoint.address.isIPv4 ? 1 : 4 as UInt8)
            out.writeBytes(endpoint.compactBytes)
        case .name(let name, let port):
            out.writeInteger(3 as UInt8)
            out.writeInteger(UInt8(truncatingIfNeeded: name.utf8.count))
            out.writeString(name)
            out.writeInteger(port)
        }
        return out
    }
}

extension ProxyError {
    /// The reply codes of RFC 1928 section 6.
    fileprivate init(socksReply code: UInt8) {
        switch code {
        case 3, 4, 6: self.init(.unreachable, "the proxy cannot reach it (reply \(code))")
        case 5: self.init(.refused, "the proxy's connection was refused")
        default: self.init(.denied, "the proxy does not connect to it (reply \(code))")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// A client's side of SOCKS version 5 (RFC 1928), with user and password (RFC 1929), for one connection or for an
/// association, which relays datagrams for as long as its connection stays open.
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
    private static let associateCommand: UInt8 = 3

    private let command: UInt8
    private let target: ProxyTarget
    private let login: ProxyLogin?
    private var phase = Phase.greeted
    /// Where the proxy relays from, or takes datagrams, according to its reply; nil if it names no address.
    package private(set) var bound: PeerEndpoint?

    /// Creates the handshake for a connection to `target`, whose name has at most 255 bytes.
    package init(to target: ProxyTarget, login: ProxyLogin?) {
        self.target = target
        self.login = login
        command = Self.connectCommand
    }

    /// Creates the handshake for an association, with datagrams from any port of ours.
    package init(associatingWith login: ProxyLogin?) {
        target = .endpoint(PeerEndpoint(address: IPAddress(v4: 0), port: 0))
        self.login = login
        command = Self.associateCommand
    }

    /// Whether the connection to the target, or the association, is open.
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

    /// The reply has the proxy's own address.
    private mutating func handleReply(_ input: inout ByteBuffer) throws(ProxyError) -> ByteBuffer? {
        let start = input.readerIndex
        // No reply has fewer bytes than one with an empty name.
        guard input.readableBytes >= 5, let head = input.getBytes(at: start, length: 3) else { return nil }
        guard head[0] == Self.version else { throw ProxyError(.notSpoken, "a reply of version \(head[0])") }
        guard head[1] == 0 else { throw ProxyError(socksReply: head[1]) }
        var reply = input
        reply.moveReaderIndex(forwardBy: 3)
        guard let address = try SOCKSAddress(reading: &reply) else { return nil }
        input = reply
        if case .endpoint(let endpoint) = address.target { bound = endpoint }
        phase = .done
        return nil
    }

    // MARK: - Out

    private func makeRequest() -> ByteBuffer {
        var out = ByteBuffer(bytes: [Self.version, command, 0])
        SOCKSAddress(target).write(to: &out)
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

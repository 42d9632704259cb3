// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import RucheWire

/// A client's side of HTTP CONNECT (RFC 9110 section 9.3.6), for one connection.
///
/// The head of the response is read byte by byte up to its empty line, so what the target sends after it stays in the
/// input.
package struct HTTPConnectHandshake: ProxyHandshake {
    /// The longest head of a response.
    package static let headByteCount = 16 << 10

    private let target: ProxyTarget
    private let login: ProxyLogin?
    private var head: [UInt8] = []
    /// Whether the connection to the target is open.
    package private(set) var isDone = false

    /// Creates the handshake for a connection to `target`.
    package init(to target: ProxyTarget, login: ProxyLogin?) {
        self.target = target
        self.login = login
    }

    /// Returns the request.
    package func makeGreeting() -> ByteBuffer {
        let authority =
            switch target {
            case .endpoint(let endpoint): "\(endpoint)"
            case .name(let name, let port): "\(name):\(port)"
            }
        var text = "CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n"
        if let login {
            text += "Proxy-Authorization: Basic \(Base64.encoded("\(login.user):\(login.password)".utf8))\r\n"
        }
        return ByteBuffer(string: text + "\r\n")
    }

    /// Takes what there is of the response; see `ProxyHandshake`.
    ///
    /// - Throws: `ProxyError`, as every handshake does.
    package mutating func handle(_ input: inout ByteBuffer) throws(ProxyError) -> ByteBuffer? {
        while !isDone, let byte = input.readInteger(as: UInt8.self) {
            guard head.count < Self.headByteCount else { throw ProxyError(.notSpoken, "a head that is too long") }
            head.append(byte)
            if head.ends(with: "\r\n\r\n") || head.ends(with: "\n\n") { try finish() }
        }
        return nil
    }

    private mutating func finish() throws(ProxyError) {
        let line = head.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard words.count >= 2, words[0].starts(with: "HTTP/1.".utf8), words[1].count == 3,
            let status = Int(String(decoding: words[1], as: UTF8.self))
        else { throw ProxyError(.notSpoken, "expected an HTTP response") }
        switch status {
        case 200...299: isDone = true
        case 407: throw ProxyError(.loginRefused, "the proxy demands another login")
        case 502, 503, 504: throw ProxyError(.unreachable, "the proxy cannot reach it (status \(status))")
        default: throw ProxyError(.denied, "the proxy does not connect to it (status \(status))")
        }
        head = []
    }
}

extension [UInt8] {
    fileprivate func ends(with text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount
            && text.withUTF8Buffer { suffix(text.utf8CodeUnitCount).elementsEqual($0) }
    }
}

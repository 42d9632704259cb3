// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// What is said to a proxy before a connection through it is open. Pure.
package protocol ProxyHandshake: Sendable {
    /// Whether the connection to the target is open: all further bytes are the target's.
    var isDone: Bool { get }

    /// Returns the first bytes to send.
    func makeGreeting() -> ByteBuffer

    /// Takes the proxy's next message from `input`, if it is complete, and returns the answer to it, if there is one.
    ///
    /// - Throws: `ProxyError` if the proxy refuses, or sends something else.
    mutating func handle(_ input: inout ByteBuffer) throws(ProxyError) -> ByteBuffer?
}

/// User and password for a proxy.
package struct ProxyLogin: Hashable, Sendable {
    let user: String
    let password: String

    /// Creates a login of at most 255 bytes for each part; nil if one is longer, or there is no user.
    package init?(user: String, password: String) {
        guard (1...255).contains(user.utf8.count), password.utf8.count <= 255 else { return nil }
        self.user = user
        self.password = password
    }
}

/// Why there is no connection through a proxy.
package struct ProxyError: Error, Hashable, Sendable {
    /// The kinds of error.
    package enum Code: Sendable {
        /// The other side does not speak the proxy's protocol.
        case notSpoken
        /// The proxy demands a login, or another one.
        case loginRefused
        /// The proxy cannot reach the target.
        case unreachable
        /// The target refused the proxy's connection.
        case refused
        /// The proxy's rules forbid the target, or it failed.
        case denied
    }

    /// The kind.
    package let code: Code
    let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

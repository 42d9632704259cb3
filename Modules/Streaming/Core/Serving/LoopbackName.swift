// SPDX-License-Identifier: Apache-2.0

/// The names by which a program on this machine reaches a loopback server.
///
/// A page of any site can have its name resolved to 127.0.0.1 (DNS rebinding), and then reads the server as its own
/// site. Its requests carry the site's name in `Host`, so the server answers only to these.
package enum LoopbackName {
    /// Whether `host`, the value of a `Host` header, names this machine and `port`.
    package static func matches(_ host: String, port: UInt16) -> Bool {
        names.contains { host.lowercased() == "\($0):\(port)" }
    }

    private static let names = ["127.0.0.1", "[::1]", "localhost"]
}

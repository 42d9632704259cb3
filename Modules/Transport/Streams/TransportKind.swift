// SPDX-License-Identifier: Apache-2.0

/// A kind of transport. The set is open, and names are unique.
public struct TransportKind: Hashable, Sendable, CustomStringConvertible {
    /// The name, for logs and settings.
    public let description: String

    /// Creates the kind with a name.
    public init(_ name: String) { description = name }

    /// One TCP connection for each peer.
    public static let tcp = Self("tcp")
    /// The micro transport protocol over the session's UDP port (BEP 29).
    public static let utp = Self("utp")
    /// A simulated network.
    public static let virtual = Self("virtual")
}

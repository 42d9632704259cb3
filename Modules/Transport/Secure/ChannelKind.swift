// SPDX-License-Identifier: Apache-2.0

/// A kind of secure channel. The set is open, and names are unique.
public struct ChannelKind: Hashable, Sendable, CustomStringConvertible {
    /// The name, for logs and settings.
    public let description: String

    /// Creates the kind with a name.
    public init(_ name: String) { description = name }

    /// Bytes without encryption.
    public static let plaintext = Self("plaintext")
    /// Message stream encryption, also called protocol encryption.
    public static let mse = Self("mse")
}

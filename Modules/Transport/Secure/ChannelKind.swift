// SPDX-License-Identifier: Apache-2.0

/// A kind of secure channel: an open set, in which names are unique.
public struct ChannelKind: Hashable, Sendable, CustomStringConvertible {
    /// The name, for logs and settings.
    public let description: String

    /// The kind with that name.
    public init(_ name: String) { description = name }

    /// Bytes as they are.
    public static let plaintext = Self("plaintext")
    /// Message stream encryption, also called protocol encryption.
    public static let mse = Self("mse")
}

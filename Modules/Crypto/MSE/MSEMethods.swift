// SPDX-License-Identifier: Apache-2.0

/// How a stream goes on after an MSE handshake: the bits of `crypto_provide` and `crypto_select`.
public struct MSEMethods: OptionSet, Hashable, Sendable {
    /// As on the wire; bits that we don't know are kept and never chosen.
    public let rawValue: UInt32

    /// Methods from their bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Only the handshake is hidden.
    public static let plaintext = MSEMethods(rawValue: 1)
    /// All is encrypted.
    public static let rc4 = MSEMethods(rawValue: 2)
    /// Either.
    public static let any: MSEMethods = [.plaintext, .rc4]
}

/// The one method that both sides settled on.
public enum MSEMethod: UInt32, Hashable, Sendable, CaseIterable {
    /// Only the handshake was hidden.
    case plaintext = 1
    /// All is encrypted.
    case rc4 = 2

    /// The set of this method alone.
    public var asSet: MSEMethods { MSEMethods(rawValue: rawValue) }
}

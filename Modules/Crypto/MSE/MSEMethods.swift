// SPDX-License-Identifier: Apache-2.0

/// Methods of encryption for the stream after an MSE handshake: the bits of `crypto_provide` and `crypto_select`.
public struct MSEMethods: OptionSet, Hashable, Sendable {
    /// The bits as on the wire. Unknown bits are kept, but never selected.
    public let rawValue: UInt32

    /// Creates a set from the bits on the wire.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Only the handshake is encrypted.
    public static let plaintext = MSEMethods(rawValue: 1)
    /// The whole stream is encrypted.
    public static let rc4 = MSEMethods(rawValue: 2)
    /// Both methods.
    public static let any: MSEMethods = [.plaintext, .rc4]
}

/// The method that both sides agreed on.
public enum MSEMethod: UInt32, Hashable, Sendable, CaseIterable {
    /// Only the handshake was encrypted.
    case plaintext = 1
    /// The whole stream is encrypted.
    case rc4 = 2

    /// The set that contains only this method.
    public var asSet: MSEMethods { MSEMethods(rawValue: rawValue) }
}

// SPDX-License-Identifier: Apache-2.0

/// Methods of encryption for the stream after an MSE handshake: the bits of `crypto_provide` and `crypto_select`.
package struct MSEMethods: OptionSet, Hashable, Sendable {
    /// The bits as on the wire. Unknown bits are kept, but never selected.
    package let rawValue: UInt32

    /// Creates a set from the bits on the wire.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Only the handshake is encrypted.
    package static let plaintext = MSEMethods(rawValue: 1)
    /// The whole stream is encrypted.
    package static let rc4 = MSEMethods(rawValue: 2)
    /// Both methods.
    package static let any: MSEMethods = [.plaintext, .rc4]
}

/// The method that both sides agreed on.
package enum MSEMethod: UInt32, Hashable, Sendable, CaseIterable {
    /// Only the handshake was encrypted.
    case plaintext = 1
    /// The whole stream is encrypted.
    case rc4 = 2

    /// The set that contains only this method.
    package var asSet: MSEMethods { MSEMethods(rawValue: rawValue) }
}

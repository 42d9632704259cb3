// SPDX-License-Identifier: Apache-2.0

/// Whether connections are obfuscated with message stream encryption (MSE, also called protocol encryption).
///
/// It hides the protocol from casual observers. It provides neither authentication nor confidentiality.
public enum EncryptionPolicy: String, CaseIterable, Hashable, Sendable {
    /// Tries MSE first and falls back to plaintext. Accepts either, and chooses RC4 if both are offered.
    case prefer
    /// Only RC4.
    case require
    /// Only plaintext.
    case off
}

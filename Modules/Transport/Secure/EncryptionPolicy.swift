// SPDX-License-Identifier: Apache-2.0

/// Whether connections are obfuscated with message stream encryption (MSE, also called protocol encryption).
///
/// It hides the protocol from those who look at the wire in passing; it neither authenticates nor keeps secrets.
public enum EncryptionPolicy: String, CaseIterable, Hashable, Sendable {
    /// Tries MSE first and falls back to plaintext; accepts either, choosing RC4 where both are offered.
    case prefer
    /// RC4 or nothing.
    case require
    /// Plaintext only.
    case off
}

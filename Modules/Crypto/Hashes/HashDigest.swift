// SPDX-License-Identifier: Apache-2.0

/// The result of a hash function.
public protocol HashDigest: FixedBytes {
    /// The hash function that produces this digest.
    static var algorithm: HashAlgorithm { get }
}

/// The hash functions that identify content in BitTorrent (FIPS 180-4).
public enum HashAlgorithm: Sendable {
    /// v1 info-hashes and pieces (BEP 3).
    case sha1
    /// v2 info-hashes and trees (BEP 52).
    case sha256
}

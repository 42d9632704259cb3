// SPDX-License-Identifier: Apache-2.0

/// Named limits on what strangers' bytes may make this module do.
public struct WireLimits: Sendable {
    /// Bytes of one bencoded document, a .torrent file included.
    public var bencodeByteCount = 64 << 20
    /// Lists and dictionaries inside one another.
    public var bencodeDepth = 100
    /// Values in one bencoded document, keys included.
    public var bencodeTokens = 4_000_000
    /// Lists and dictionaries inside one another in a message between peers, trackers or nodes.
    public var bencodeMessageDepth = 16
    /// Values in one bencoded message, keys included.
    public var bencodeMessageTokens = 65_536

    /// The limits in force unless somebody says otherwise.
    public static let standard = WireLimits()

    /// The defaults.
    public init() {}
}

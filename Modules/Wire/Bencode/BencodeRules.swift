// SPDX-License-Identifier: Apache-2.0

/// What a bencode decoder accepts.
public struct BencodeRules: Hashable, Sendable {
    /// Whether only the one canonical form will do: keys ascending and distinct, no leading zero, no `-0` (BEP 3).
    public var isCanonical: Bool
    /// Whether bytes may follow the value, as piece data follows the dictionary of a `ut_metadata` message (BEP 9).
    public var allowsTrailingBytes: Bool
    /// Bytes of input.
    public var maxByteCount: Int
    /// Lists and dictionaries inside one another.
    public var maxDepth: Int
    /// Values, keys included.
    public var maxTokens: Int

    /// Rules by their parts.
    public init(
        isCanonical: Bool,
        allowsTrailingBytes: Bool = false,
        maxByteCount: Int = WireLimits.standard.bencodeByteCount,
        maxDepth: Int = WireLimits.standard.bencodeDepth,
        maxTokens: Int = WireLimits.standard.bencodeTokens
    ) {
        self.isCanonical = isCanonical
        self.allowsTrailingBytes = allowsTrailingBytes
        self.maxByteCount = maxByteCount
        self.maxDepth = maxDepth
        self.maxTokens = maxTokens
    }

    /// The canonical form only.
    public static let strict = BencodeRules(isCanonical: true)

    /// Any order, repeated keys (the first one counts) and leading zeros: what .torrent files in the wild need.
    public static let lenient = BencodeRules(isCanonical: false)

    /// Lenient with small limits, for messages of peers, trackers and nodes.
    public static let message = BencodeRules(
        isCanonical: false,
        maxDepth: WireLimits.standard.bencodeMessageDepth,
        maxTokens: WireLimits.standard.bencodeMessageTokens
    )

    /// Like `message`, with a payload after the value.
    public static let messageWithPayload = BencodeRules(
        isCanonical: false,
        allowsTrailingBytes: true,
        maxDepth: WireLimits.standard.bencodeMessageDepth,
        maxTokens: WireLimits.standard.bencodeMessageTokens
    )
}

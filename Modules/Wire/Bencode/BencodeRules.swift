// SPDX-License-Identifier: Apache-2.0

/// The rules by which a decoder accepts bencode.
package struct BencodeRules: Hashable, Sendable {
    /// Whether to require the canonical form: keys ascending and distinct, no leading zeros, no `-0` (BEP 3).
    package var isCanonical: Bool
    /// Whether bytes may follow the value, as they do in `ut_metadata` messages (BEP 9).
    package var allowsTrailingBytes: Bool
    /// The maximum size of the input in bytes.
    package var maxByteCount: Int
    /// The maximum nesting depth of lists and dictionaries.
    package var maxDepth: Int
    /// The maximum number of values, keys included.
    package var maxTokens: Int

    /// Creates rules, by default with the limits for documents.
    package init(
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

    /// Accepts only the canonical form.
    package static let strict = BencodeRules(isCanonical: true)

    /// Accepts keys in any order, repeated keys (the first one counts) and leading zeros, all of which occur in
    /// .torrent files in the wild.
    package static let lenient = BencodeRules(isCanonical: false)

    /// Lenient with small limits, for messages from peers, trackers and nodes.
    package static let message = BencodeRules(
        isCanonical: false,
        maxDepth: WireLimits.standard.bencodeMessageDepth,
        maxTokens: WireLimits.standard.bencodeMessageTokens
    )

    /// Like `message`, but allows bytes after the value.
    package static let messageWithPayload = BencodeRules(
        isCanonical: false,
        allowsTrailingBytes: true,
        maxDepth: WireLimits.standard.bencodeMessageDepth,
        maxTokens: WireLimits.standard.bencodeMessageTokens
    )
}

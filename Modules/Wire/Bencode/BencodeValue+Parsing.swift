// SPDX-License-Identifier: Apache-2.0

extension BencodeValue {
    /// Decodes bytes that a stranger may have sent, such as a message of an extension. Keys may be in any order; the first of
    /// repeated keys counts.
    ///
    /// - Throws: `BencodeError` if the bytes are not exactly one value, or exceed the limits on messages in `WireLimits`.
    public init(parsing bytes: [UInt8]) throws(BencodeError) {
        let document = try BencodeDocument(bytes, rules: .message)
        guard let value = BencodeValue(document.root) else {
            throw BencodeError(.malformedNumber, at: 0, expected: "integers of 64 bits", found: "a larger one")
        }
        self = value
    }
}

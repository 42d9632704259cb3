// SPDX-License-Identifier: Apache-2.0

/// What a peer may send at most; whatever is longer is an error before a byte of it is kept.
public struct PeerLimits: Hashable, Sendable {
    /// Bytes of payload in a `piece` message. We ask for 16 KiB; some peers answer in larger blocks.
    public var blockByteCount = 128 * 1024
    /// Bytes of a `bitfield` while the number of pieces is unknown: two million pieces.
    public var bitfieldByteCount = 256 * 1024
    /// Bytes of an `extended` message after its id (BEP 10). The longest that is in use carries 16 KiB of metadata; a
    /// message that is not whole is kept in memory, so this is what one connection can make us hold.
    public var extendedByteCount = 64 * 1024
    /// Hashes in a `hashes` message, proof included: BEP 52 asks for 512 at most.
    public var hashCount = 1024
    /// Bytes of a message whose id we don't know, skipped unread.
    public var unknownByteCount = 1024 * 1024

    /// Extensions taken from one extended handshake.
    public var extensionCount = 64
    /// Bytes of an extension's name; longer ones are passed over.
    public var extensionNameByteCount = 64
    /// Bytes of the client's name in an extended handshake; the rest is cut off.
    public var clientNameByteCount = 128
    /// Bytes of an info dictionary that is fetched from peers (BEP 9).
    public var metadataByteCount = 16 * 1024 * 1024
    /// Contacts taken from one list of a PEX message. BEP 11 allows 50, and more in the first message.
    public var pexContactCount = 200

    /// The limits as they stand above.
    public init() {}
}

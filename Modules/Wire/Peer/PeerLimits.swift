// SPDX-License-Identifier: Apache-2.0

/// The limits on what a peer may send. A message that is too long is rejected as soon as its header has arrived.
package struct PeerLimits: Hashable, Sendable {
    /// The maximum payload of a `piece` message in bytes. We request 16 KiB; some peers send larger blocks.
    package var blockByteCount = 128 * 1024
    /// The maximum size in bytes of a `bitfield` while the number of pieces is unknown: two million pieces.
    package var bitfieldByteCount = 256 * 1024
    /// The maximum size in bytes of an `extended` message's payload (BEP 10). The longest in use carries 16 KiB of
    /// metadata. An incomplete message is kept in memory, so this is what one connection can make us keep.
    package var extendedByteCount = 64 * 1024
    /// The maximum number of hashes in a `hashes` message, proof included. BEP 52 allows requests for up to 512.
    package var hashCount = 1024
    /// The maximum size in bytes of a message with an unknown id, which is skipped.
    package var unknownByteCount = 1024 * 1024

    /// The maximum number of extensions read from an extended handshake; the rest are ignored.
    package var extensionCount = 64
    /// The maximum length in bytes of an extension's name. An extension with a longer one is ignored.
    package var extensionNameByteCount = 64
    /// The maximum length in bytes of the client's name in an extended handshake; the rest is cut off.
    package var clientNameByteCount = 128
    /// The maximum size in bytes of an info dictionary that goes between peers (BEP 9).
    package var metadataByteCount = 32 * 1024 * 1024
    /// The maximum number of contacts read from each list of a PEX message; the rest are ignored. BEP 11 allows 50, and
    /// more in the first message.
    package var pexContactCount = 200

    /// Creates limits with the values above.
    package init() {}
}

// SPDX-License-Identifier: Apache-2.0

/// What a kind of channel says to the first bytes of a connection.
public enum ChannelRecognition: Hashable, Sendable {
    /// They are of another kind.
    case no
    /// They may be of this kind: more are needed to say.
    case needsMore
    /// Nothing speaks against it, as with bytes that look random. It is chosen if no other kind says `yes` or `needsMore`.
    case possible
    /// They are of this kind.
    case yes
}

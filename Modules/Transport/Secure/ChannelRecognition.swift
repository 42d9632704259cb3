// SPDX-License-Identifier: Apache-2.0

/// Whether the first bytes of a connection are of a kind of channel.
public enum ChannelRecognition: Hashable, Sendable {
    /// They are of another kind.
    case no
    /// More bytes are needed to decide.
    case needsMore
    /// They may be of this kind, as bytes that look random may. It is chosen if no other kind says `yes` or
    /// `needsMore`.
    case possible
    /// They are of this kind.
    case yes
}

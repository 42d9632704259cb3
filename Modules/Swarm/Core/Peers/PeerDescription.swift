// SPDX-License-Identifier: Apache-2.0

/// How far one peer has said which pieces it has. Owner: `ConnectedPeer`.
struct PeerDescription {
    /// What it said before we had the metadata.
    var early = EarlyDescription()
    /// What it said of all its pieces at once, and what a seed said that it lost: counted at a tick.
    var recount = PendingRecount()
    /// Whether a bitfield may still come: before anything else is said of pieces. BEP 3 has it as the first message, but
    /// some peers send their extended handshake before.
    var mayDescribe = true
    /// The number of pieces that it knew of, of content that grows, when it described them at once.
    var coveredCount: UInt32 = 0
    /// The number of `have` messages so far.
    var haveCount = 0
}

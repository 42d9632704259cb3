// SPDX-License-Identifier: Apache-2.0

/// How one peer has described its pieces so far. Owner: `ConnectedPeer`.
struct PeerDescription {
    /// What it announced before we had the metadata.
    var early = EarlyDescription()
    /// What it announced about all pieces at once, and what a seed has lost: counted at a tick.
    var recount = PendingRecount()
    /// Whether a bitfield may still arrive: before anything else is announced about pieces. In BEP 3 it is the first
    /// message, but some peers send their extended handshake first.
    var mayDescribe = true
    /// The number of pieces of growing content that it knew of when it described them at once.
    var coveredCount: UInt32 = 0
    /// The number of `have` messages so far.
    var haveCount: Int32 = 0
}

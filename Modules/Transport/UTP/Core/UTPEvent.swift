// SPDX-License-Identifier: Apache-2.0

/// What a connection has to tell its owner.
enum UTPEvent: Hashable, Sendable {
    /// Bytes can be sent and received.
    case connected
    /// Bytes in order wait to be read.
    case readable
    /// The peer sends nothing more, and all it sent has been received.
    case ended
    /// Nothing more can be sent or received.
    case closed(UTPCloseReason)
}

/// Why a connection closed.
enum UTPCloseReason: Hashable, Sendable {
    /// We closed it, and the peer has everything.
    case finished
    /// We gave it up.
    case aborted
    /// The peer sent RESET.
    case reset
    /// The peer was silent for too long, or never answered.
    case timedOut
    /// The peer acknowledged what was never sent.
    case misbehaved
}

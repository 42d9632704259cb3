// SPDX-License-Identifier: Apache-2.0

/// What a connection reports to its owner.
enum UTPEvent: Hashable, Sendable {
    /// Bytes can be sent and received.
    case connected
    /// Bytes in order are ready to be read.
    case readable
    /// The peer sends nothing more, and everything it sent has arrived.
    case ended
    /// Nothing more can be sent or received.
    case closed(UTPCloseReason)
}

/// Why a connection closed.
enum UTPCloseReason: Hashable, Sendable {
    /// We closed the connection, and the peer has received everything.
    case finished
    /// We aborted the connection.
    case aborted
    /// The peer sent RESET.
    case reset
    /// The peer did not answer, or sent nothing for too long.
    case timedOut
    /// The peer acknowledged packets that were never sent.
    case misbehaved
}

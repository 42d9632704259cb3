// SPDX-License-Identifier: Apache-2.0

/// Events that the owner has not seen yet. Each kind occurs at most once.
struct UTPEvents {
    private var isConnected = false
    private var isReadable = false
    private var hasEnded = false
    private var closed: UTPCloseReason?

    mutating func append(_ event: UTPEvent) {
        switch event {
        case .connected: isConnected = true
        case .readable: isReadable = true
        case .ended: hasEnded = true
        case .closed(let reason): closed = closed ?? reason
        }
    }

    /// Removes and returns the next event, in an order that makes sense to the owner.
    mutating func next() -> UTPEvent? {
        if isConnected {
            isConnected = false
            return .connected
        }
        if isReadable {
            isReadable = false
            return .readable
        }
        if hasEnded {
            hasEnded = false
            return .ended
        }
        if let reason = closed {
            closed = nil
            return .closed(reason)
        }
        return nil
    }
}

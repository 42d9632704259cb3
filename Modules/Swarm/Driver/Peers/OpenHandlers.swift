// SPDX-License-Identifier: Apache-2.0

/// The open connections of one driver, with or before a slot.
///
/// Their order follows from the order of events alone, so that a replay walks them alike. Insertion and removal take the same
/// time however many there are: each handler knows its position.
struct OpenHandlers {
    /// All of them. A walk over this goes on unharmed while some are removed.
    private(set) var all: [PeerStreamHandler] = []

    var isEmpty: Bool { all.isEmpty }

    func contains(_ handler: PeerStreamHandler) -> Bool { handler.position != nil }

    mutating func insert(_ handler: PeerStreamHandler) {
        guard handler.position == nil else { return }
        handler.position = all.count
        all.append(handler)
    }

    /// False if it is not there. The last one takes its position.
    @discardableResult
    mutating func remove(_ handler: PeerStreamHandler) -> Bool {
        guard let position = handler.position else { return false }
        handler.position = nil
        let last = all.removeLast()
        if last !== handler {
            all[position] = last
            last.position = position
        }
        return true
    }
}

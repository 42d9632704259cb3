// SPDX-License-Identifier: Apache-2.0

/// An object that knows its position in one `PositionedList`.
protocol Positioned: AnyObject {
    /// Nil while it is in no list; only the list sets it.
    var position: Int? { get set }
}

/// Objects in an order that depends only on insertions and removals, so that a replay iterates them in the same order.
/// The order of a set of objects would depend on their addresses in memory.
///
/// Insertion and removal take constant time. An object is in at most one list.
struct PositionedList<Element: Positioned> {
    /// All objects. Iterating over this is safe while some are removed.
    private(set) var all: [Element] = []

    var isEmpty: Bool { all.isEmpty }

    func contains(_ element: Element) -> Bool { element.position != nil }

    mutating func insert(_ element: Element) {
        guard element.position == nil else { return }
        element.position = all.count
        all.append(element)
    }

    /// Removes an object, whose position the last one takes. Returns false if it is not in the list.
    @discardableResult
    mutating func remove(_ element: Element) -> Bool {
        guard let position = element.position else { return false }
        element.position = nil
        let last = all.removeLast()
        if last !== element {
            all[position] = last
            last.position = position
        }
        return true
    }
}

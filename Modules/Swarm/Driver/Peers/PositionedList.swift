// SPDX-License-Identifier: Apache-2.0

/// Knows its place in one `PositionedList`.
protocol Positioned: AnyObject {
    /// Nil while it is in no list; the list's to set.
    var position: Int? { get set }
}

/// Objects in an order that follows from insertions and removals alone, so that a replay walks them alike. A set of objects would
/// be walked by where they lie in memory.
///
/// Insertion and removal take the same time however many there are. An object is in one list at most.
struct PositionedList<Element: Positioned> {
    /// All of them. A walk over this goes on unharmed while some are removed.
    private(set) var all: [Element] = []

    var isEmpty: Bool { all.isEmpty }

    func contains(_ element: Element) -> Bool { element.position != nil }

    mutating func insert(_ element: Element) {
        guard element.position == nil else { return }
        element.position = all.count
        all.append(element)
    }

    /// False if it is not there. The last one takes its position.
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

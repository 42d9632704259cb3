// SPDX-License-Identifier: Apache-2.0

internal import DequeModule

/// A dictionary of limited size that drops its oldest entries. Nothing depends on the order of its hash table.
struct RecentTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    let capacity: Int
    private var values: [Key: Value] = [:]
    private var order: Deque<Key> = []

    init(capacity: Int) { self.capacity = max(1, capacity) }

    var count: Int { values.count }

    subscript(key: Key) -> Value? { values[key] }

    /// Inserts or replaces a value; an existing key keeps its position.
    mutating func set(_ value: Value, for key: Key) {
        guard values.updateValue(value, forKey: key) == nil else { return }
        order.append(key)
        if values.count > capacity, let oldest = order.popFirst() { values[oldest] = nil }
    }

    /// Changes the existing value, or the result of `make`.
    mutating func update<R>(_ key: Key, orInsert make: @autoclosure () -> Value, _ change: (inout Value) -> R) -> R {
        if values[key] == nil { set(make(), for: key) }
        var value = values[key] ?? make()
        let result = change(&value)
        values[key] = value
        return result
    }
}

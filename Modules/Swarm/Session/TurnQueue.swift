// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Decides which of many may run, first come first served. A change moves the boundary by one, so it never iterates
/// over all.
///
/// Invariant: `numbers` ascends; the first `limit` of them have a turn.
struct TurnQueue {
    private let limit: Int
    private var numbers: [Int] = []

    init(limit: Int) { self.limit = max(0, limit) }

    func hasTurn(_ number: Int) -> Bool { place(of: number) < limit }

    /// Adds `number`. Returns those whose turn may have changed.
    mutating func insert(_ number: Int) -> [Int] {
        let place = place(of: number)
        guard place == numbers.count || numbers[place] != number else { return [] }
        numbers.insert(number, at: place)
        return [number] + changed(after: place, at: limit)
    }

    /// Removes `number`. Returns those whose turn may have changed.
    mutating func remove(_ number: Int) -> [Int] {
        let place = place(of: number)
        guard place < numbers.count, numbers[place] == number else { return [] }
        numbers.remove(at: place)
        return [number] + changed(after: place, at: limit - 1)
    }

    private func changed(after place: Int, at boundary: Int) -> [Int] {
        boundary >= place && numbers.indices.contains(boundary) ? [numbers[boundary]] : []
    }

    /// Returns the index where `number` is or belongs.
    private func place(of number: Int) -> Int {
        if numbers.last.map({ $0 < number }) ?? true { return numbers.count }
        return numbers.partitioningIndex { $0 >= number }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// How many places each address has (for IPv6, each /64), and which has more than its share.
package struct AddressShares: Sendable {
    private var counts: [AddressGroup: Int] = [:]

    /// Counts a place for each element of `holders`.
    package init(of holders: some Sequence<AddressGroup> = []) {
        for holder in holders { insert(holder) }
    }

    /// The number of places of one address.
    package subscript(group: AddressGroup) -> Int { counts[group, default: 0] }

    /// Counts another place.
    package mutating func insert(_ group: AddressGroup) { counts[group, default: 0] += 1 }

    /// Counts a place less.
    package mutating func remove(_ group: AddressGroup) {
        let left = self[group] - 1
        counts[group] = left > 0 ? left : nil
    }

    /// Returns the largest share, if one of those who have it should make room for a newcomer from `group`: if they have at
    /// least two more, or they and the newcomer would only take turns. Nil otherwise.
    package func excessive(besides group: AddressGroup) -> Int? {
        let largest = counts.values.max() ?? 0
        return largest >= self[group] + 2 ? largest : nil
    }
}

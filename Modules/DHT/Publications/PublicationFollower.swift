// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Decides which of the items that a follower reads are new, and when one is stored anew for its author.
struct PublicationFollower: Sendable {
    /// The time between two writes of an item: nodes forget it after two hours (BEP 44).
    static let storingInterval = Interval.minutes(60)

    /// The highest sequence number that was accepted.
    private var latest: Int64
    /// When the latest item was first read or last written.
    private var stored: (sequence: Int64, at: Instant)?

    init(after latest: Int64) { self.latest = latest }

    /// Returns the publication in an item that was read; nil unless it is newer than every one before.
    mutating func next(in item: DHTItem) -> Publication? {
        guard let publication = Publication(item), publication.sequence > latest else { return nil }
        latest = publication.sequence
        return publication
    }

    /// Returns whether the item is the latest and was last stored an hour ago. Its author has only just stored a new
    /// one.
    mutating func mustStoreAnew(_ item: DHTItem, at now: Instant) -> Bool {
        guard let sequence = item.author?.sequence, sequence == latest else { return false }
        guard let last = stored, last.sequence == sequence else {
            stored = (sequence, now)
            return false
        }
        guard now - last.at >= Self.storingInterval else { return false }
        stored = (sequence, now)
        return true
    }
}

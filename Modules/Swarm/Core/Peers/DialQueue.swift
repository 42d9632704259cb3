// SPDX-License-Identifier: Apache-2.0

internal import HeapModule
internal import RucheWire

/// The order in which endpoints are dialled: waiting ones by time, and those that may be dialled now by rank.
///
/// An entry is valid as long as its record has the entry's ticket, so a change of the record adds an entry, and older
/// ones are skipped. Owner: `PeerList`, which keeps at most `slack` entries per record. Cost: O(log n) for each change
/// and each dial.
struct DialQueue: Sendable {
    /// The number of entries per record at which all are rebuilt.
    static let slack = 3

    /// The position of one endpoint when it was assigned.
    struct Entry: Sendable {
        let endpoint: PeerEndpoint
        /// Identifies the latest change of the endpoint's record.
        let ticket: UInt32
        let rank: UInt64
        let dialAfter: Instant
    }

    private struct Waiting: Comparable {
        let entry: Entry

        static func < (a: Waiting, b: Waiting) -> Bool {
            a.entry.dialAfter != b.entry.dialAfter
                ? a.entry.dialAfter < b.entry.dialAfter : DialQueue.isFirst(a.entry, b.entry)
        }

        static func == (a: Waiting, b: Waiting) -> Bool { !(a < b) && !(b < a) }
    }

    private struct Ready: Comparable {
        let entry: Entry

        static func < (a: Ready, b: Ready) -> Bool { DialQueue.isFirst(a.entry, b.entry) }
        static func == (a: Ready, b: Ready) -> Bool { !(a < b) && !(b < a) }
    }

    private var waiting = Heap<Waiting>()
    private var ready = Heap<Ready>()
    private let work: WorkMeter

    init(work: WorkMeter) { self.work = work }

    /// The number of entries, including those to be skipped.
    var count: Int { waiting.count + ready.count }

    mutating func insert(_ entry: Entry) {
        waiting.insert(Waiting(entry: entry))
        noteStep()
    }

    mutating func removeAll() {
        waiting = Heap()
        ready = Heap()
    }

    /// Removes and returns the best entry that may be dialled at `now`.
    mutating func next(at now: Instant) -> Entry? {
        while let first = waiting.min, first.entry.dialAfter <= now {
            waiting.removeMin()
            ready.insert(Ready(entry: first.entry))
            noteStep()
        }
        noteStep()
        return ready.popMin()?.entry
    }

    /// A heap step examines as many entries as the heap is deep.
    private func noteStep() { work.add(Int.bitWidth - count.leadingZeroBitCount) }

    /// By rank; the endpoint decides between equals, so that nothing depends on history.
    private static func isFirst(_ a: Entry, _ b: Entry) -> Bool {
        if a.rank != b.rank { return a.rank < b.rank }
        let (first, second) = (a.endpoint.address, b.endpoint.address)
        return (first.high, first.low, a.endpoint.port) < (second.high, second.low, b.endpoint.port)
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import HeapModule
internal import RucheWire

/// Decides which torrent announces next, among very many of which few are due at a time.
///
/// Each torrent waits in a heap until it is due, then in the queue of its tracker's host, so a slow or dead host delays
/// only the torrents that use it.
///
///     waiting (heap) ──due──▶ in line at a host ──its turn──▶ away ──return──▶ waiting
///
/// Owner: `DormantAnnouncer`. Invariant: each id is in one of these states, or unknown.
struct DormantRota {
    typealias ID = Int

    private struct Entry: Comparable {
        let time: Instant
        let id: ID

        static func < (a: Entry, b: Entry) -> Bool { (a.time, a.id) < (b.time, b.id) }
    }

    private struct Line {
        var awayCount = 0
        var waiting: Deque<ID> = []
    }

    private enum Place {
        case waiting(until: Instant)
        case inLine(String)
        case away(String)
    }

    private let perHost: Int
    private var heap = Heap<Entry>()
    private var places: [ID: Place] = [:]
    private var lines: [String: Line] = [:]

    init(perHost: Int) { self.perHost = max(1, perHost) }

    /// The number of torrents.
    var count: Int { places.count }

    /// When the next torrent is due; nil if none waits.
    mutating func nextTime() -> Instant? {
        while let first = heap.min {
            if case .waiting(first.time)? = places[first.id] { return first.time }
            heap.removeMin()
        }
        return nil
    }

    /// Makes `id` wait until `time`.
    mutating func wait(_ id: ID, until time: Instant) {
        places[id] = .waiting(until: time)
        heap.insert(Entry(time: time, id: id))
    }

    /// Removes and returns the next torrent that is due. Call it until it returns nil; then call `wait` or `lineUp` for
    /// each.
    mutating func nextDue(at now: Instant) -> ID? {
        guard let time = nextTime(), time <= now, let entry = heap.popMin() else { return nil }
        places[entry.id] = nil
        return entry.id
    }

    /// Queues `id`, which is due, at `host`, where its next tracker is.
    mutating func lineUp(_ id: ID, at host: String) {
        places[id] = .inLine(host)
        lines[host, default: Line()].waiting.append(id)
    }

    /// Returns the next torrent that may announce at `host`, if there is room and one is queued.
    mutating func nextTurn(at host: String) -> ID? {
        while var line = lines[host], line.awayCount < perHost {
            lines[host] = nil
            guard let id = line.waiting.popFirst() else {
                if line.awayCount > 0 { lines[host] = line }
                return nil
            }
            let isStillInLine = if case .inLine(host)? = places[id] { true } else { false }
            if isStillInLine { line.awayCount += 1 }
            lines[host] = line
            guard isStillInLine else { continue }
            places[id] = .away(host)
            return id
        }
        return nil
    }

    /// Ends the turn of `id` at `host`. Returns whether it is still wanted; if so, call `wait` for it.
    mutating func handleReturn(of id: ID, from host: String) -> Bool {
        if var line = lines[host] {
            line.awayCount -= 1
            lines[host] = line.awayCount == 0 && line.waiting.isEmpty ? nil : line
        }
        guard case .away(host)? = places[id] else { return false }
        return true
    }

    /// Removes `id`, which is no longer announced.
    mutating func remove(_ id: ID) { places[id] = nil }
}

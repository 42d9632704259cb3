// SPDX-License-Identifier: Apache-2.0

/// Work on a torrent's open content. One piece of work is done after the other, because each changes what the next one sees.
enum LifecycleWork: Hashable, Sendable {
    /// The user changes priorities, or moves the files.
    case change(LifecycleTicket)
    /// The user has everything verified.
    case check(LifecycleTicket)
    /// Everything is verified after the disk could not be read.
    case checkAfterTrouble
    /// The last wanted piece is stored: complete files get their names, and the torrent is complete.
    case completion

    /// The work verifies everything. The torrent leaves its swarm meanwhile.
    var isCheck: Bool {
        switch self {
        case .check, .checkAfterTrouble: true
        case .change, .completion: false
        }
    }

    /// A user waits for the work.
    var hasCaller: Bool {
        switch self {
        case .change, .check: true
        case .checkAfterTrouble, .completion: false
        }
    }
}

/// Names one call of a user.
struct LifecycleTicket: Hashable, Sendable {
    let number: Int
}

/// Work on one torrent's content, in the order in which it was asked for.
struct WorkLine {
    private(set) var running: LifecycleWork?
    private var waiting: [LifecycleWork] = []

    var isEmpty: Bool { running == nil && waiting.isEmpty }

    /// Adds `work`, unless it waits already.
    mutating func append(_ work: LifecycleWork) {
        if !waiting.contains(work) { waiting.append(work) }
    }

    /// Begins the next piece of work, if none is running.
    mutating func next() -> LifecycleWork? {
        guard running == nil, !waiting.isEmpty else { return nil }
        running = waiting.removeFirst()
        return running
    }

    /// Returns false if `work` is not the one that is running.
    mutating func end(_ work: LifecycleWork) -> Bool {
        guard running == work else { return false }
        running = nil
        return true
    }

    /// Removes `work` if it has not begun; returns whether it was there.
    mutating func remove(_ work: LifecycleWork) -> Bool {
        guard let place = waiting.firstIndex(of: work) else { return false }
        waiting.remove(at: place)
        return true
    }

    /// Removes and returns all work that has not begun.
    mutating func removeWaiting() -> [LifecycleWork] {
        defer { waiting = [] }
        return waiting
    }
}

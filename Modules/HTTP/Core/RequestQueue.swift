// SPDX-License-Identifier: Apache-2.0

internal import DequeModule

/// Decides which request may go out: a few at once to each host and to all, in turn host by host, so that neither a
/// busy host nor one that never answers holds up the others.
///
/// Owner: `RequestGate`. Invariant: `ready` names, once each, the hosts that have room and perhaps someone waiting.
package struct RequestQueue {
    package typealias ID = UInt64

    private struct Host {
        var activeCount = 0
        var waiting: Deque<ID> = []
        var isReady = false
    }

    private let perHost: Int
    private let total: Int
    private let capacity: Int
    private var hosts: [String: Host] = [:]
    private var ready: Deque<String> = []
    private var activeCount = 0
    /// Those who wait and have not given up; a host's own queue still holds those who have.
    private var waiting: Set<ID> = []

    /// `perHost` and `total` may be under way at once, `capacity` may wait.
    package init(perHost: Int, total: Int, capacity: Int) {
        self.perHost = max(1, perHost)
        self.total = max(1, total)
        self.capacity = max(1, capacity)
    }

    /// Hosts with requests under way or waiting.
    package var hostCount: Int { hosts.count }

    /// `id`, used only once, wants to send to `host`. False where too many wait.
    package mutating func handleRequest(_ id: ID, to host: String) -> Bool {
        guard waiting.count < capacity else { return false }
        waiting.insert(id)
        hosts[host, default: Host()].waiting.append(id)
        noteReady(host)
        return true
    }

    /// The request `id` waits no longer.
    package mutating func handleCancelled(_ id: ID) { waiting.remove(id) }

    /// A request that was admitted to `host` has ended.
    package mutating func handleFinished(at host: String) {
        activeCount -= 1
        hosts[host]?.activeCount -= 1
        noteReady(host)
        forgetIdle(host)
    }

    /// The next request that may go out, if there is one.
    package mutating func nextAdmitted() -> ID? {
        while activeCount < total, let name = ready.popFirst() {
            hosts[name]?.isReady = false
            let id = takeFirst(of: name)
            if let id {
                activeCount += 1
                hosts[name]?.activeCount += 1
                waiting.remove(id)
                noteReady(name)
                return id
            }
            forgetIdle(name)
        }
        return nil
    }

    private mutating func takeFirst(of name: String) -> ID? {
        while let id = hosts[name]?.waiting.popFirst() {
            if waiting.contains(id) { return id }
        }
        return nil
    }

    private mutating func noteReady(_ name: String) {
        guard let host = hosts[name], !host.isReady, !host.waiting.isEmpty, host.activeCount < perHost else { return }
        hosts[name]?.isReady = true
        ready.append(name)
    }

    private mutating func forgetIdle(_ name: String) {
        if let host = hosts[name], host.activeCount == 0, host.waiting.isEmpty, !host.isReady { hosts[name] = nil }
    }
}

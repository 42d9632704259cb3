// SPDX-License-Identifier: Apache-2.0

internal import DequeModule

/// Decides which request may be sent: a few at a time to each host and to all, host by host in turn, so neither a busy
/// host nor one that never answers delays the others.
///
/// Owner: `RequestGate`. Invariant: `ready` lists, once each, the hosts that have room and may have a waiting request.
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
    /// Requests that wait and are not cancelled. A host's own queue still holds cancelled ones.
    private var waiting: Set<ID> = []

    /// Allows `perHost` and `total` concurrent requests, and `capacity` waiting ones.
    package init(perHost: Int, total: Int, capacity: Int) {
        self.perHost = max(1, perHost)
        self.total = max(1, total)
        self.capacity = max(1, capacity)
    }

    /// The number of hosts with running or waiting requests.
    package var hostCount: Int { hosts.count }

    /// Queues request `id`, which must be unique, for `host`. Returns false if too many are waiting.
    package mutating func handleRequest(_ id: ID, to host: String) -> Bool {
        guard waiting.count < capacity else { return false }
        waiting.insert(id)
        hosts[host, default: Host()].waiting.append(id)
        noteReady(host)
        return true
    }

    /// Removes request `id`, which no longer waits.
    package mutating func handleCancelled(_ id: ID) { waiting.remove(id) }

    /// Records that a request admitted to `host` has ended.
    package mutating func handleFinished(at host: String) {
        activeCount -= 1
        hosts[host]?.activeCount -= 1
        noteReady(host)
        forgetIdle(host)
    }

    /// Admits and returns the next request that may be sent, if there is one.
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

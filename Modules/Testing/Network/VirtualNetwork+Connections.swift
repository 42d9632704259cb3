// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Dials, connections and partitions.
extension VirtualNetwork {
    /// Receives the result of a dial: the near end of the connection, or nil if the dial failed.
    package typealias DialResult = (VirtualStream?) -> Void

    func dial(_ endpoint: PeerEndpoint, from caller: VirtualHost, port: UInt16, _ result: @escaping DialResult) {
        let life = caller.life
        let finish: (VirtualStream?) -> Void = { [weak caller] stream in
            guard let caller, caller.isUp, caller.life == life else {
                stream?.cut()
                return
            }
            result(stream)
        }
        guard let callee = hostsByAddress[endpoint.address], callee !== caller else {
            return schedule(after: conditions.dialTimeout) { finish(nil) }
        }
        let delay = latency(caller, callee) + nextJitter()
        let isLost = happens(conditions.dialFailures)
        let local = PeerEndpoint(address: caller.address, port: port)
        schedule(after: delay) { [self] in
            guard caller.isUp, callee.isUp, callee.isReachable, !isLost, !areApart(caller.address, callee.address)
            else {
                return schedule(after: conditions.dialTimeout) { finish(nil) }
            }
            guard let accept = callee.listeners[endpoint.port] else { return schedule(after: delay) { finish(nil) } }
            let near = connect(caller, local, callee, endpoint)
            capture?.recordOpening(by: near, at: now)
            near.other.map(accept)
            schedule(after: delay) { finish(near.isOpen ? near : nil) }
        }
    }

    func connect(
        _ caller: VirtualHost,
        _ local: PeerEndpoint,
        _ callee: VirtualHost,
        _ remote: PeerEndpoint
    ) -> VirtualStream {
        let number = nextStreamNumber()
        let delay = latency(caller, callee)
        let near = VirtualStream(caller, number: number, local: local, remote: remote, isIncoming: false, delay: delay)
        let far = VirtualStream(
            callee,
            number: number + 1,
            local: remote,
            remote: local,
            isIncoming: true,
            delay: delay
        )
        near.other = far
        far.other = near
        near.place = connections.count
        connections.append(near)
        return near
    }

    /// Removes a connection.
    func remove(_ stream: VirtualStream) {
        guard let near = stream.isIncoming ? stream.other : stream, let place = near.place else { return }
        near.place = nil
        let last = connections.removeLast()
        guard place < connections.count else { return }
        connections[place] = last
        last.place = place
    }

    // MARK: - Partitions

    /// Partitions the network: hosts in different groups cannot reach each other until `heal`. Bytes in flight are held
    /// back. Connections stay open until an end gives up. Hosts in no group form a group of their own.
    public func partition(_ groups: [[VirtualHost]]) {
        islands = [:]
        for (index, group) in groups.enumerated() {
            for host in group { islands[host.address] = index + 1 }
        }
    }

    /// Ends the partition and delivers what was held back.
    public func heal() {
        islands = [:]
        for stream in connections {
            stream.releaseHeld()
            stream.other?.releaseHeld()
        }
    }

    func areApart(_ a: IPAddress, _ b: IPAddress) -> Bool {
        !islands.isEmpty && islands[a, default: 0] != islands[b, default: 0]
    }

    /// Cuts every connection at once, like the restart of a router.
    public func cutAll() {
        for stream in connections { stream.cut() }
    }
}

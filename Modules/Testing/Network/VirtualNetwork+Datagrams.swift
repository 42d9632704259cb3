// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Connections over datagrams, as uTP makes them: from the one port of a peer, through NATs.
extension VirtualNetwork {
    /// When the first packet of a dial is sent: it is repeated, as uTP does.
    private static let tries = [0, 1, 3, 7].map { Interval.seconds($0 as Int) }

    /// Dials over datagrams, from `port` of the caller.
    func dialByDatagram(
        _ endpoint: PeerEndpoint,
        from caller: VirtualHost,
        port: UInt16,
        _ result: @escaping DialResult
    ) {
        let dial = DatagramDial(endpoint: endpoint, caller: caller, port: port, life: caller.life, result: result)
        for delay in Self.tries { schedule(after: delay) { [self] in send(dial) } }
        schedule(after: conditions.dialTimeout) { dial.end(nil) }
    }

    private func send(_ dial: DatagramDial) {
        guard dial.isWaiting, let callee = hostsByAddress[dial.endpoint.address], callee !== dial.caller else { return }
        let source = dial.caller.handleOutgoing(from: dial.port, to: dial.endpoint)
        let delay = latency(dial.caller, callee) + nextJitter()
        guard !happens(conditions.dialFailures) else { return }
        schedule(after: delay) { [self] in
            guard dial.isWaiting, callee.isUp, !areApart(dial.caller.address, callee.address),
                let port = callee.innerPort(of: dial.endpoint.port, from: source),
                let accept = callee.listeners[port]
            else { return }
            // The answer leaves by another port than was dialled if the callee's NAT says so, and comes in if ours lets it.
            guard callee.handleOutgoing(from: port, to: source) == dial.endpoint,
                dial.caller.innerPort(of: source.port, from: dial.endpoint) == dial.port
            else { return }
            dial.isWaiting = false
            let near = connect(dial.caller, source, callee, dial.endpoint)
            near.other.map(accept)
            schedule(after: delay) { dial.deliver(near.isOpen ? near : nil) }
        }
    }
}

/// A dial under way.
private final class DatagramDial {
    let endpoint: PeerEndpoint
    let caller: VirtualHost
    let port: UInt16
    var isWaiting = true
    private let life: Int
    private let result: VirtualNetwork.DialResult

    init(
        endpoint: PeerEndpoint,
        caller: VirtualHost,
        port: UInt16,
        life: Int,
        result: @escaping VirtualNetwork.DialResult
    ) {
        self.endpoint = endpoint
        self.caller = caller
        self.port = port
        self.life = life
        self.result = result
    }

    func end(_ stream: VirtualStream?) {
        guard isWaiting else { return }
        isWaiting = false
        deliver(stream)
    }

    func deliver(_ stream: VirtualStream?) {
        guard caller.isUp, caller.life == life else { return stream?.cut() ?? () }
        result(stream)
    }
}

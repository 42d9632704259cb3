// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire

@testable import RucheTransport

/// Connections, and optionally a TCP-like flow, that share a path. A seed replays everything.
final class VirtualPath {
    private enum Event {
        case arrival(ByteBuffer, flow: Int, end: Int)
        case wake(flow: Int, end: Int)
        case renoData(Int), renoAck(Int), renoTick
    }

    private(set) var now = Instant.zero
    private(set) var flows: [VirtualFlow] = []
    private(set) var reno: VirtualReno?
    /// From first ends to second ends, and back.
    var links: [VirtualLink]

    private var queue = EventQueue<Event>()
    private var random: SeededRandom

    init(seed: UInt64, there: VirtualLink.Nature, back: VirtualLink.Nature? = nil) {
        random = SeededRandom(seed: seed)
        let back = back ?? there
        links = [VirtualLink(there, random.makeChild()), VirtualLink(back, random.makeChild())]
    }

    /// Adds a connection whose first end dials and writes `byteCount` bytes.
    @discardableResult
    func addFlow(byteCount: Int, _ limits: UTPLimits = .init()) -> VirtualFlow {
        let flow = VirtualFlow(limits, &random, at: now)
        flow.ends[0].toWrite = byteCount
        flows.append(flow)
        service(flows.count - 1, 0)
        return flow
    }

    func addReno() {
        reno = VirtualReno()
        pumpReno()
        queue.append(.renoTick, at: now + .seconds(1 as Int))
    }

    /// Runs until no events are left, `condition` returns true, or for `interval`.
    func run(for interval: Interval, until condition: () -> Bool = { false }) {
        let end = now + interval
        while let time = queue.nextTime, time <= end, !condition(), let (time, event) = queue.popFirst() {
            now = time
            handle(event)
        }
        if !condition() { now = end }
    }

    /// Lets an application act out of turn.
    func poke(_ flow: Int, _ end: Int, _ body: (inout UTPConnection, Instant) -> Void) {
        let target = flows[flow].ends[end]
        body(&target.core, target.clock(now))
        service(flow, end)
    }

    private func handle(_ event: Event) {
        switch event {
        case .arrival(let datagram, let flow, let end): receive(datagram, flow, end)
        case .wake(let flow, let end):
            let target = flows[flow].ends[end]
            guard target.wakeAt == now else { return }
            target.wakeAt = nil
            target.core.handleTimeout(at: target.clock(now))
            service(flow, end)
        case .renoData(let packet): queue.append(.renoAck(packet), at: now + links[1].nature.delay)
        case .renoAck(let packet):
            reno?.handleAck(of: packet)
            pumpReno()
        case .renoTick:
            reno?.handleTimeout(at: now)
            pumpReno()
            queue.append(.renoTick, at: now + .seconds(1 as Int))
        }
    }

    private func receive(_ datagram: ByteBuffer, _ flow: Int, _ end: Int) {
        let target = flows[flow].ends[end]
        let clock = target.clock(now)
        datagram.withUnsafeReadableBytes { bytes in
            let span = RawSpan(_unsafeBytes: bytes)
            if end == 1, !flows[flow].hasAccepted, let header = UTPHeader(parsing: span), header.kind == .syn {
                flows[flow].hasAccepted = true
                target.core = UTPConnection(
                    accepting: header,
                    target.core.limits,
                    random: random.makeChild(),
                    at: clock
                )
            } else {
                target.core.handle(span, at: clock)
            }
        }
        target.core.handleBatchEnd(at: clock)
        service(flow, end)
    }

    private func service(_ flow: Int, _ end: Int) {
        guard end == 0 || flows[flow].hasAccepted else { return }
        let target = flows[flow].ends[end]
        for datagram in target.drain(at: target.clock(now)) {
            for arrival in links[end].arrivals(byteCount: datagram.readableBytes, at: now) {
                queue.append(.arrival(datagram, flow: flow, end: 1 - end), at: arrival)
            }
        }
        guard let timeout = target.core.nextTimeout, !target.core.isOver(at: target.clock(now)) else { return }
        let wake = max(now + Interval(nanoseconds: 1000), target.world(timeout))
        if let scheduled = target.wakeAt, scheduled <= wake { return }
        target.wakeAt = wake
        queue.append(.wake(flow: flow, end: end), at: wake)
    }

    private func pumpReno() {
        while let packet = reno?.nextPacket(at: now) {
            for arrival in links[0].arrivals(byteCount: VirtualReno.packetBytes, at: now).prefix(1) {
                queue.append(.renoData(packet), at: arrival)
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import RucheCrypto
package import RucheWire

/// uTP on a session's UDP port: dials, accepts, and passes each datagram to its connection.
///
/// Owner: the session, which closes it before the port. Confined to the port's loop, except `dial`, `listen` and
/// `close`.
package final class UTPSocket: DatagramService, @unchecked Sendable {  // loop-confined: see above
    /// Receives a connection that a peer opened, on the port's loop.
    package typealias Accept = @Sendable (UTPStream) -> Void

    /// The port's loop.
    package let loop: any EventLoop
    let port: any DatagramPort
    let limits: UTPLimits

    private var table = UTPTable()
    private var accept: Accept?
    private var isRefused: @Sendable (IPAddress) -> Bool = { _ in false }
    private var touched: [UTPStream] = []
    private var isReceiving = false
    private var isClosed = false
    /// RESETs that may still be sent during the current read.
    private var resetCount = 0
    private var random = SecureRandom()

    /// Attaches to `port`.
    package init(on port: any DatagramPort, limits: UTPLimits = .init()) {
        self.port = port
        self.limits = limits
        loop = port.loop
        port.attach(self, order: .version)
    }

    /// Passes every connection that a peer opens to `accept`. Before this call, peers get no answer; those at addresses
    /// that are `refused` never do.
    package func listen(
        refusing isRefused: @escaping @Sendable (IPAddress) -> Bool = { _ in false },
        _ accept: @escaping Accept
    ) {
        onLoop {
            $0.isRefused = isRefused
            $0.accept = accept
        }
    }

    /// Connects to `remote`. `then` is called once, on the port's loop: with `timeout` if there is no answer within
    /// `deadline`, `refused` if the peer refuses, `limit` if there are too many connections.
    @discardableResult
    package func dial(
        _ remote: PeerEndpoint,
        deadline: Interval = .seconds(10 as Int),
        then: @escaping @Sendable (Result<UTPStream, TransportError>) -> Void
    ) -> UTPDialHandle {
        let handle = UTPDialHandle(on: loop)
        onLoop { $0.dialOnLoop(remote, deadline, handle, then) }
        return handle
    }

    /// Stops answering new peers. Open streams stay open.
    package func stopListening() async {
        try? await loop.submit { self.accept = nil }.get()
    }

    /// Aborts every connection and detaches from the port.
    package func close() async {
        port.detach(self)
        try? await loop.submit {
            self.isClosed = true
            self.accept = nil
            for stream in self.table.all { stream.abort() }
        }.get()
    }

    /// The number of connections, including those that are closing. Call it on the port's loop.
    package var streamCount: Int { table.count }

    // MARK: - DatagramService

    /// Whether a datagram can be a uTP packet. This is the weakest mark of all services, so the port asks it last.
    package func recognises(_ datagram: RawSpan, from sender: PeerEndpoint) -> Bool { UTPHeader.recognises(datagram) }

    /// Passes each packet to its connection, then serves each of these connections once.
    package func handleReceived(_ datagrams: [Datagram]) {
        let now = Instant.now
        isReceiving = true
        resetCount = 0
        for datagram in datagrams {
            datagram.bytes.withUnsafeReadableBytes { bytes in
                var offset = 0
                while offset < bytes.count {
                    let length = min(datagram.segmentBytes, bytes.count - offset)
                    let segment = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
                    receive(RawSpan(_unsafeBytes: segment), from: datagram.sender, at: now)
                    offset += length
                }
            }
        }
        // A sink may close others of these connections, so each is served in its current state.
        let served = touched
        touched.removeAll(keepingCapacity: true)
        for stream in served {
            stream.isTouched = false
            stream.core.handleBatchEnd(at: now)
            stream.serve(at: now)
        }
        isReceiving = false
        port.flush(from: loop)
    }

    /// Fails the unanswered dials to `remote`.
    package func handleUnsendable(to remote: PeerEndpoint, because error: TransportError) {
        for stream in table.dialling(remote) { stream.handleUnsendable(error) }
    }

    private func receive(_ datagram: RawSpan, from sender: PeerEndpoint, at now: Instant) {
        guard let packet = UTPPacket(parsing: datagram) else { return }
        if let stream = table.stream(for: packet.header, from: sender) {
            stream.core.handle(packet, of: datagram, at: now)
            if stream.isTouched { return }
            stream.isTouched = true
            touched.append(stream)
        } else if packet.header.kind == .syn {
            answer(packet.header, from: sender, at: now)
        } else if packet.header.kind != .reset {
            refuse(packet.header, from: sender)
        }
    }

    // MARK: - Opening

    private func dialOnLoop(
        _ remote: PeerEndpoint,
        _ deadline: Interval,
        _ handle: UTPDialHandle,
        _ then: @escaping @Sendable (Result<UTPStream, TransportError>) -> Void
    ) {
        let action = "dial \(remote) over uTP"
        guard !isClosed else { return then(.failure(TransportError(.stopped, action))) }
        guard table.count < limits.connections, let id = table.makeID(for: remote, using: &random) else {
            return then(.failure(TransportError(.limit, action)))
        }
        let core = UTPConnection(dialling: id, limits, random: SeededRandom(seed: random.next()), at: .now)
        let stream = UTPStream(core, remote, isIncoming: false, of: self, opened: then)
        table.insert(stream)
        handle.hold(stream)
        loop.scheduleTask(in: TimeAmount(deadline)) { [weak stream] () -> Void in stream?.handleDialDeadline() }
        serve(stream)
    }

    /// Sends one answer, if not too many peers have still to confirm theirs.
    private func answer(_ syn: UTPHeader, from sender: PeerEndpoint, at now: Instant) {
        guard let accept, table.count < limits.connections, table.mayAccept(sender, limits),
            !isRefused(sender.address)
        else { return }
        let core = UTPConnection(accepting: syn, limits, random: SeededRandom(seed: random.next()), at: now)
        let stream = UTPStream(core, sender, isIncoming: true, of: self) { result in
            if case .success(let stream) = result {
                stream.handleConfirmed()
                accept(stream)
            }
        }
        table.insert(stream)
        stream.isTouched = true
        touched.append(stream)
    }

    /// Sends a RESET for an unknown connection: no longer than the shortest packet, and limited per read.
    private func refuse(_ header: UTPHeader, from sender: PeerEndpoint) {
        guard resetCount < limits.resetsPerRead else { return }
        resetCount += 1
        let reset = UTPHeader(
            .reset,
            connectionID: header.connectionID,
            sequence: UTPSequence(0),
            acknowledged: header.sequence
        )
        var buffer = ByteBuffer()
        reset.write(into: &buffer)
        port.send(buffer, segmentBytes: nil, to: sender, from: loop)
    }

    // MARK: - Calls from streams

    /// Serves one stream outside a read.
    func serve(_ stream: UTPStream) {
        stream.serve(at: .now)
        if !isReceiving { port.flush(from: loop) }
    }

    func noteConfirmed(_ stream: UTPStream) { table.confirm(stream) }

    func forget(_ stream: UTPStream) { table.remove(stream) }

    /// Passes everything that a connection has to send to the port: packets of the same length become one write.
    func send(_ core: inout UTPConnection, to remote: PeerEndpoint, at now: Instant) {
        var run = UTPRun()
        while let length = core.nextDatagram(into: &run.bytes, at: now) {
            if let full = run.handleAppended(length) {
                port.send(full.bytes, segmentBytes: full.segmentBytes, to: remote, from: loop)
            }
        }
        if let rest = run.takeAll() {
            port.send(rest.bytes, segmentBytes: rest.segmentBytes, to: remote, from: loop)
        }
    }

    private func onLoop(_ body: @escaping @Sendable (UTPSocket) -> Void) {
        if loop.inEventLoop { return body(self) }
        loop.execute { body(self) }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import NIOCore
internal import RucheCrypto
internal import RucheWire

/// All running requests to UDP trackers (BEP 15), from the first datagram to the response.
///
///     handleQuestion ──▶ connecting ──connection id──▶ asking ──answer──▶ nextOutcome
///          │              ▲  │ ▲ silence: again        │ │ ▲ silence: again
///          │              │  └─┘                       │ └─┘
///          │              └── id too old, or refused ──┘
///          └── a connection id is known ──────────────▶ asking
///
/// A response counts only if it comes from the tracker's own endpoint and names the transaction. The driver sends each
/// `nextDatagram()` and calls `handleTime` at `nextWake`.
///
/// Owner: `UDPTrackers`. Invariant: `transactions` has exactly one entry for each of `requests`.
struct UDPTrackerExchange: Sendable {
    /// What to ask.
    enum Question: Hashable, Sendable {
        case announce(AnnounceRequest, path: String)
        case scrape([SHA1Digest])
    }

    typealias ID = UInt64

    struct Outcome: Sendable {
        let id: ID
        let result: Result<UDPTrackerResponse, TrackerError>
    }

    private struct Request: Sendable {
        let question: Question
        let tracker: PeerEndpoint
        var datagram: UDPTrackerRequest
        var transaction: UInt32
        var silenceCount = 0
        var deadline: Instant
        /// Whether the tracker may have forgotten the connection id that we kept. If so, we request another one, once.
        var mayReconnect: Bool
    }

    private struct Connection: Sendable {
        let id: UInt64
        let expiry: Instant
    }

    private let limits: TrackerLimits
    private var requests: [ID: Request] = [:]
    private var transactions: [UInt32: ID] = [:]
    private var connections: [PeerEndpoint: Connection] = [:]
    private var datagrams: Deque<(tracker: PeerEndpoint, bytes: ByteBuffer)> = []
    private var outcomes: Deque<Outcome> = []

    init(limits: TrackerLimits) { self.limits = limits }

    /// When `handleTime` must be called next.
    var nextWake: Instant? { requests.values.lazy.map(\.deadline).min() }

    /// Asks `tracker`. The outcome has `id`, which must be unique.
    mutating func handleQuestion(
        _ question: Question,
        to tracker: PeerEndpoint,
        id: ID,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) {
        let request = Request(
            question: question,
            tracker: tracker,
            datagram: .connect,
            transaction: 0,
            deadline: now,
            mayReconnect: connections[tracker] != nil
        )
        begin(request, id, at: now, using: &random)
    }

    /// Drops request `id`, whose response is no longer wanted.
    mutating func handleCancelled(_ id: ID) { _ = end(id) }

    /// Records that the system cannot send to `tracker`.
    mutating func handleUnsendable(to tracker: PeerEndpoint, because reason: String) {
        for (id, request) in requests where request.tracker == tracker {
            finish(id, .failure(TrackerError(.connection, reason)))
        }
    }

    /// Whether a datagram names a transaction that is under way with its sender.
    func isWaiting(for datagram: RawSpan, from sender: PeerEndpoint) -> Bool {
        guard let transaction = UDPTrackerResponse.transactionID(of: datagram), let id = transactions[transaction]
        else {
            return false
        }
        return requests[id]?.tracker == sender
    }

    /// Handles a datagram from `sender`; anything that is not a response to one of our requests is ignored.
    mutating func handleDatagram(
        _ datagram: ByteBuffer,
        from sender: PeerEndpoint,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) {
        guard let transaction = UDPTrackerResponse.transactionID(of: datagram), let id = transactions[transaction],
            let request = requests[id], request.tracker == sender
        else { return }
        do {
            let response = try UDPTrackerResponse(
                parsing: datagram,
                answering: request.datagram,
                transactionID: transaction,
                form: sender.compactForm,
                limits: limits.answer
            )
            if case .connect(let connection) = response {
                remember(connection, of: sender, at: now)
                begin(request, id, at: now, using: &random)
            } else {
                finish(id, .success(response))
            }
        } catch {
            guard error.code == .refused, request.mayReconnect, request.datagram != .connect else {
                return finish(id, .failure(TrackerError(error)))
            }
            connections[sender] = nil
            var again = request
            again.mayReconnect = false
            begin(again, id, at: now, using: &random)
        }
    }

    /// Sends again what was not answered in time, and ends requests that were sent often enough.
    mutating func handleTime(at now: Instant, using random: inout some RandomNumberGenerator) {
        for (id, var request) in requests where request.deadline <= now {
            request.silenceCount += 1
            if request.silenceCount >= limits.udpAttempts {
                finish(
                    id,
                    .failure(TrackerError(.timeout, "\(request.silenceCount) datagrams to \(request.tracker)"))
                )
            } else {
                begin(request, id, at: now, using: &random)
            }
        }
    }

    /// Returns the next datagram to send.
    mutating func nextDatagram() -> (tracker: PeerEndpoint, bytes: ByteBuffer)? { datagrams.popFirst() }

    /// Returns the next request that has ended.
    mutating func nextOutcome() -> Outcome? { outcomes.popFirst() }

    // MARK: - One request

    /// Sends the datagram that `request` needs now.
    private mutating func begin(
        _ request: Request,
        _ id: ID,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) {
        var request = request
        let datagram = makeDatagram(for: request, at: now)
        // The same datagram keeps its transaction id, because a response to an earlier copy is equally valid.
        if requests[id] == nil || datagram != request.datagram {
            _ = end(id)
            request.datagram = datagram
            request.transaction = makeTransaction(using: &random)
            transactions[request.transaction] = id
        }
        request.deadline = now + limits.udpTimeout * (1 << Int64(min(request.silenceCount, 8)))
        requests[id] = request
        var bytes = ByteBuffer()
        request.datagram.encode(transactionID: request.transaction, into: &bytes)
        datagrams.append((request.tracker, bytes))
    }

    private func makeDatagram(for request: Request, at now: Instant) -> UDPTrackerRequest {
        guard let connection = connections[request.tracker], connection.expiry > now else { return .connect }
        switch request.question {
        case .announce(let announce, let path): return .announce(announce, connectionID: connection.id, path: path)
        case .scrape(let hashes): return .scrape(hashes, connectionID: connection.id)
        }
    }

    private func makeTransaction(using random: inout some RandomNumberGenerator) -> UInt32 {
        var transaction = UInt32.random(in: .min ... .max, using: &random)
        while transactions[transaction] != nil { transaction &+= 1 }
        return transaction
    }

    private mutating func remember(_ id: UInt64, of tracker: PeerEndpoint, at now: Instant) {
        if connections.count >= limits.udpConnections {
            connections = connections.filter { $0.value.expiry > now }
            if connections.count >= limits.udpConnections,
                let oldest = connections.min(by: { $0.value.expiry < $1.value.expiry })
            {
                connections[oldest.key] = nil
            }
        }
        connections[tracker] = Connection(id: id, expiry: now + limits.udpConnectionLifetime)
    }

    private mutating func finish(_ id: ID, _ result: Result<UDPTrackerResponse, TrackerError>) {
        if end(id) { outcomes.append(Outcome(id: id, result: result)) }
    }

    private mutating func end(_ id: ID) -> Bool {
        guard let request = requests.removeValue(forKey: id) else { return false }
        transactions[request.transaction] = nil
        return true
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import NIOCore
internal import RucheCrypto
internal import RucheWire

/// All requests under way to UDP trackers (BEP 15), from first datagram to answer.
///
///     handleQuestion ──▶ connecting ──connection id──▶ asking ──answer──▶ nextOutcome
///          │              ▲  │ ▲ silence: again        │ │ ▲ silence: again
///          │              │  └─┘                       │ └─┘
///          │              └── id too old, or refused ──┘
///          └── a connection id is known ──────────────▶ asking
///
/// An answer counts only if it comes from the tracker's own endpoint and names the transaction. Whoever drives this
/// sends each `nextDatagram()`, and calls `handleTime` at `nextWake`.
///
/// Owner: `UDPTrackers`. Invariant: `transactions` has exactly one entry for each of `requests`.
struct UDPTrackerExchange: Sendable {
    /// What is asked.
    enum Question: Hashable, Sendable {
        case announce(AnnounceRequest, path: String)
        case scrape([SHA1Digest])
    }

    typealias ID = UInt64

    struct Outcome: Sendable {
        let id: ID
        let result: Result<UDPTrackerResponse, TrackerFailure>
    }

    private struct Request: Sendable {
        let question: Question
        let tracker: PeerEndpoint
        var datagram: UDPTrackerRequest
        var transaction: UInt32
        var silenceCount = 0
        var deadline: Instant
        /// The tracker may have forgotten a connection id that we remember: once, we get another.
        var mayReconnect: Bool
    }

    private struct Connection: Sendable {
        let id: UInt64
        let expiry: Instant
    }

    private let limits: TrackersLimits
    private var requests: [ID: Request] = [:]
    private var transactions: [UInt32: ID] = [:]
    private var connections: [PeerEndpoint: Connection] = [:]
    private var datagrams: Deque<(tracker: PeerEndpoint, bytes: ByteBuffer)> = []
    private var outcomes: Deque<Outcome> = []

    init(limits: TrackersLimits) { self.limits = limits }

    /// When `handleTime` has something to do.
    var nextWake: Instant? { requests.values.lazy.map(\.deadline).min() }

    /// Asks `tracker`; the outcome comes under `id`, which is used but once.
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

    /// Nobody wants the answer any more.
    mutating func handleCancelled(_ id: ID) { _ = end(id) }

    /// The system won't send to `tracker`.
    mutating func handleUnsendable(to tracker: PeerEndpoint, because reason: String) {
        for (id, request) in requests where request.tracker == tracker {
            finish(id, .failure(TrackerFailure(.connection, reason)))
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

    /// A datagram came from `sender`; anything that isn't an answer of ours is passed over.
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
                return finish(id, .failure(TrackerFailure(error)))
            }
            connections[sender] = nil
            var again = request
            again.mayReconnect = false
            begin(again, id, at: now, using: &random)
        }
    }

    /// Sends again what was not answered in time, and gives up what was sent often enough.
    mutating func handleTime(at now: Instant, using random: inout some RandomNumberGenerator) {
        for (id, var request) in requests where request.deadline <= now {
            request.silenceCount += 1
            if request.silenceCount >= limits.udpAttempts {
                finish(
                    id,
                    .failure(TrackerFailure(.timeout, "\(request.silenceCount) datagrams to \(request.tracker)"))
                )
            } else {
                begin(request, id, at: now, using: &random)
            }
        }
    }

    /// The next datagram to send.
    mutating func nextDatagram() -> (tracker: PeerEndpoint, bytes: ByteBuffer)? { datagrams.popFirst() }

    /// The next request that has ended.
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
        // The same datagram keeps its transaction: the answer to an earlier copy is as good.
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

    private mutating func finish(_ id: ID, _ result: Result<UDPTrackerResponse, TrackerFailure>) {
        if end(id) { outcomes.append(Outcome(id: id, result: result)) }
    }

    private mutating func end(_ id: ID) -> Bool {
        guard let request = requests.removeValue(forKey: id) else { return false }
        transactions[request.transaction] = nil
        return true
    }
}

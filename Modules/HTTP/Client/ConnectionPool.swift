// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOSSL
internal import RucheTransport
internal import RucheWire

/// Opens connections, keeps idle ones as `ConnectionShelf` decides, and closes all of them at shutdown.
///
/// Owner: `HTTPClient`. Its state and all of its connections are confined to one event loop.
final class ConnectionPool: Sendable {
    private struct State {
        var shelf: ConnectionShelf<ConnectionHandle>
        var redirects: RedirectMemory
        var open: Set<ConnectionHandle> = []
        var alarm: Scheduled<Void>?
        var isClosed = false
    }

    private let dialer: StreamDialer
    private let loop: any EventLoop
    private let roots: TLSRoots
    let limits: HTTPLimits
    private let state: NIOLoopBoundBox<State>

    init(dialer: StreamDialer, loop: any EventLoop, roots: TLSRoots, limits: HTTPLimits) {
        self.dialer = dialer
        self.loop = loop
        self.roots = roots
        self.limits = limits
        let empty = State(
            shelf: ConnectionShelf(limits: limits),
            redirects: RedirectMemory(limit: limits.rememberedRedirects)
        )
        state = .makeBoxSendingValue(empty, eventLoop: loop)
    }

    // MARK: - Taking and giving back

    /// Returns an idle connection to `server`, if there is one.
    func take(_ server: ServerKey, _ family: IPFamily?) async -> HTTPConnection? {
        await onLoop { state in
            // A failed connection stays on the shelf until its channel has closed.
            state.shelf.take(server) { handle in
                let address = handle.connection.remote.address
                return handle.connection.isReusable && (family == nil || IPFamily(of: address) == family)
            }?.connection
        } ?? nil
    }

    /// Releases a connection whose response has been used. It is kept if `isKept` says so and what is left of the body
    /// is short enough to skip.
    func finish(_ connection: HTTPConnection, keeping isKept: Bool) async {
        var skipped = 0
        while isKept, skipped <= limits.discardedBodyByteCount,
            let bytes = try? await connection.perform({ $0.nextBytes() })
        {
            skipped += bytes.readableBytes
        }
        _ = await onLoop { [self] state in
            guard isKept, !state.isClosed, connection.isReusable else {
                return connection.fail(HTTPError(.stopped, "the connection is no longer needed"))
            }
            let surplus = state.shelf.put(ConnectionHandle(connection), to: connection.server, at: .now)
            for handle in surplus { handle.connection.fail(HTTPError(.stopped, "too many connections are idle")) }
            setAlarm(&state)
        }
    }

    func close(_ connection: HTTPConnection) async {
        _ = await onLoop { _ in connection.fail(HTTPError(.stopped, "the connection is no longer needed")) }
    }

    // MARK: - Dialling

    /// Connects to one of `addresses` that the local binding and `family` allow.
    func dial(
        _ url: ServiceURL,
        _ addresses: [IPAddress],
        _ family: IPFamily?
    ) async throws(HTTPError) -> HTTPConnection {
        let fit = addresses.filter { family == nil || IPFamily(of: $0) == family }
        let bound = fit.filter(dialer.binding.canReach)
        guard !bound.isEmpty else {
            throw HTTPError(.localBinding, "no local address of the family of \(url.host)")
        }
        if url.scheme == .https { try roots.prepare() }
        return try await race(url, bound)
    }

    /// Connects to `remote`. If the task is cancelled, the connection is closed.
    func dial(_ url: ServiceURL, _ remote: PeerEndpoint) async throws(HTTPError) -> HTTPConnection {
        let connection = HTTPConnection(to: ServerKey(url), at: remote, loop: loop, limits: limits) {
            [weak self] closed in
            self?.forget(closed)
        }
        let opening = loop.flatSubmit { [self] () -> EventLoopFuture<Void> in
            guard !state.value.isClosed else { return loop.makeFailedFuture(HTTPError(.stopped, "shut down")) }
            state.value.open.insert(ConnectionHandle(connection))
            return open(connection, url, remote)
        }
        do {
            try await withTaskCancellationHandler {
                try await opening.get()
            } onCancel: {
                loop.execute { connection.fail(HTTPError(.stopped, "cancelled")) }
            }
        } catch {
            forget(connection)
            throw Task.isCancelled ? HTTPError(.stopped, "cancelled") : HTTPError(channel: error)
        }
        return connection
    }

    private func open(_ connection: HTTPConnection, _ url: ServiceURL, _ remote: PeerEndpoint) -> EventLoopFuture<Void>
    {
        dialer.connect(to: remote, on: loop, timeout: limits.connectTimeout) { [roots] channel in
            try connection.attach(channel)
            let pipeline = channel.pipeline.syncOperations
            if url.scheme == .https {
                let isAddress = IPAddress(url.host) != nil
                try pipeline.addHandler(roots.makeHandler(for: url.host, isAddress: isAddress))
            }
            try pipeline.addHandler(connection)
        }.flatMapThrowing { channel in
            try connection.start(on: channel)
        }
    }

    private func forget(_ connection: HTTPConnection) {
        loop.execute { [self] in
            state.value.open.remove(ConnectionHandle(connection))
            state.value.shelf.handleClosed(ConnectionHandle(connection))
        }
    }

    /// The number of connections that are open or being opened.
    func countOpen() async -> Int { await onLoop { $0.open.count } ?? 0 }

    // MARK: - Redirects

    func redirect(from url: ServiceURL) async -> Redirect? { await onLoop { $0.redirects.redirect(from: url) } ?? nil }

    func remember(_ redirect: Redirect, from url: ServiceURL) async {
        _ = await onLoop { $0.redirects.handleAnswer(redirect, from: url) }
    }

    func forgetRedirect(from url: ServiceURL) async { _ = await onLoop { $0.redirects.forget(url) } }

    // MARK: - Shutdown

    /// Closes every connection. Pending requests fail with `.stopped`.
    func shutdown() async {
        _ = await onLoop { state in
            state.isClosed = true
            state.alarm?.cancel()
            for handle in state.open { handle.connection.fail(HTTPError(.stopped, "the client is shut down")) }
        }
    }

    private func setAlarm(_ state: inout State) {
        state.alarm?.cancel()
        state.alarm = state.shelf.nextWake.map { time in
            loop.scheduleTask(deadline: NIODeadline(time)) { [weak self] in self?.closeExpired() }
        }
    }

    private func closeExpired() {
        for handle in state.value.shelf.nextExpired(at: .now) {
            handle.connection.fail(HTTPError(.stopped, "the connection was idle"))
        }
        setAlarm(&state.value)
    }

    /// Runs `body` on the loop; nil if the loop has stopped.
    private func onLoop<Output: Sendable>(_ body: @escaping @Sendable (inout State) -> Output) async -> Output? {
        try? await loop.submit { [self] in body(&state.value) }.get()
    }
}

/// A connection, compared by identity.
struct ConnectionHandle: Hashable, Sendable {
    let connection: HTTPConnection

    init(_ connection: HTTPConnection) { self.connection = connection }

    static func == (a: Self, b: Self) -> Bool { a.connection === b.connection }

    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(connection)) }
}

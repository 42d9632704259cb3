// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
package import RucheCrypto
package import RucheWire

/// Finds peers on the local network (BEP 14) over IPv4 and IPv6 multicast on every interface.
///
/// Owner: the session, which adds its torrents, except private ones (BEP 27), and closes it before the runtime.
package final class LocalDiscovery: Sendable {
    /// A peer on the local network that has one of our torrents. Unverified: any machine there can claim anything.
    package struct Peer: Hashable, Sendable {
        /// The torrent's info-hash.
        package let infoHash: SHA1Digest
        /// The port that the peer announced, at the address that it sent from.
        package let endpoint: PeerEndpoint
    }

    /// The peers found. A peer is repeated after a minute at the earliest. Ends with `close()`.
    package let peers: AsyncStream<Peer>

    private let runtime: TransportRuntime
    private let binding: LocalBinding
    private let limits: LocalDiscoveryLimits
    private let loop: any EventLoop
    private let found: AsyncStream<Peer>.Continuation
    private let state: NIOLoopBoundBox<State>

    private struct State {
        var core: LocalDiscoveryCore
        var sockets: [MulticastSocket] = []
        var timer: Scheduled<Void>?
        var watch: Task<Void, Never>?
        var isClosed = false
    }

    /// Starts listening.
    ///
    /// - Parameters:
    /// - port: the TCP port on which we accept peers.
    /// - binding: the interface or addresses to use; all by default.
    package init(
        port: UInt16,
        runtime: TransportRuntime,
        binding: LocalBinding = .init(),
        limits: LocalDiscoveryLimits = .init()
    ) {
        self.runtime = runtime
        self.binding = binding
        self.limits = limits
        loop = runtime.nextLoop()
        (peers, found) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(limits.waitingPeers))
        var random = SecureRandom()
        let core = LocalDiscoveryCore(port: port, limits: limits, using: &random)
        state = .makeBoxSendingValue(State(core: core), eventLoop: loop)
        loop.execute { [self] in state.value.watch = Task { await watchInterfaces() } }
    }

    /// Announces a torrent, now and periodically, and reports its peers. Not for private torrents.
    package func add(_ infoHash: SHA1Digest) { onLoop { $0.handleTorrent(infoHash, at: .now) } }

    /// Stops announcing a torrent.
    package func remove(_ infoHash: SHA1Digest) { onLoop { $0.handleRemoval(of: infoHash) } }

    /// Announces a torrent that needs peers again, but at most once a minute.
    package func announceSoon(_ infoHash: SHA1Digest) { onLoop { $0.handleNeed(of: infoHash, at: .now) } }

    /// Closes every socket and ends the stream.
    package func close() async {
        let left = try? await loop.submit { [self] in
            state.value.isClosed = true
            state.value.timer?.cancel()
            state.value.watch?.cancel()
            found.finish()
            defer {
                state.value.sockets = []
                state.value.watch = nil
            }
            return (sockets: state.value.sockets, watch: state.value.watch)
        }.get()
        await left?.watch?.value
        for socket in left?.sockets ?? [] { await socket.close() }
    }

    // MARK: - Interfaces

    /// Runs until it is cancelled.
    private func watchInterfaces() async {
        while !Task.isCancelled {
            await checkInterfaces()
            try? await Task.sleep(nanoseconds: UInt64(max(0, limits.interfaceCheck.nanoseconds)))
        }
    }

    private func checkInterfaces() async {
        let all = (try? await runtime.blocking.perform { [binding] in LocalInterface.all(binding) }) ?? []
        let wanted = LocalInterface.speaking(all).prefix(limits.interfaces)
        let current = (try? await loop.submit { [self] in state.value.sockets }.get()) ?? []
        var opened: [MulticastSocket] = []
        for interface in wanted where !current.contains(where: { $0.interface == interface }) {
            let socket = try? await MulticastSocket.open(interface, on: loop) { [weak self] datagram, sender in
                self?.run { $0.handleDatagram(datagram, from: sender, at: $1, into: &$2) }
            }
            if let socket { opened.append(socket) }
        }
        let gone = current.filter { socket in !wanted.contains(socket.interface) }
        let sockets = current.filter { socket in wanted.contains(socket.interface) } + opened
        let isTaken = try? await loop.submit { [self, sockets] in
            guard !state.value.isClosed else { return false }
            state.value.sockets = sockets
            run { core, _, _ in core.handleNetworks(all.map(\.network)) }
            return true
        }.get()
        for socket in isTaken == true ? gone : opened { await socket.close() }
    }

    // MARK: - On the loop

    private func onLoop(_ tell: @escaping @Sendable (inout LocalDiscoveryCore) -> Void) {
        loop.execute { [self] in run { core, _, _ in tell(&core) } }
    }

    private func run(_ tell: (inout LocalDiscoveryCore, Instant, inout [LocalDiscoveryCore.Effect]) -> Void) {
        guard !state.value.isClosed else { return }
        var effects: [LocalDiscoveryCore.Effect] = []
        tell(&state.value.core, .now, &effects)
        for effect in effects {
            switch effect {
            case .announce(let announcement): for socket in state.value.sockets { socket.send(announcement) }
            case .found(let infoHash, let endpoint): found.yield(Peer(infoHash: infoHash, endpoint: endpoint))
            }
        }
        schedule()
    }

    private func schedule() {
        state.value.timer?.cancel()
        state.value.timer = nil
        // Without a network nothing is announced, so the first network hears of every torrent.
        guard !state.value.sockets.isEmpty, let next = state.value.core.nextDeadline else { return }
        state.value.timer = loop.scheduleTask(deadline: NIODeadline(next)) { [weak self] in
            self?.run { $0.handleTime($1, into: &$2) }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import NIOPosix
internal import RucheWire
internal import Synchronization

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// One thread that polls the listening sockets and passes on each accepted descriptor.
///
/// NIO's server channels hide the descriptor, and a channel cannot change loops, but a descriptor can. Owner:
/// `TCPTransport`. The thread owns the sockets and closes them when the wake pipe tells it to stop.
final class AcceptLoop: Sendable {
    /// How long to leave the sockets alone when descriptors or memory have run out.
    private static let exhaustionPauseMilliseconds: Int32 = 100

    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let wakeDescriptor: Int32
    private let isStopped = Atomic<Bool>(false)

    /// Starts accepting. `handle` is called on the thread and owns the descriptor it receives.
    init(
        _ sockets: [ListeningSocket],
        batch: Int,
        handle: @escaping @Sendable (_ descriptor: Int32, _ remote: PeerEndpoint) -> Void
    ) throws(TransportError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            let error = TransportError(errno: errno, "open a wake pipe")
            for socket in sockets { Descriptor.close(socket.descriptor) }
            throw error
        }
        let wake = ends[0]
        wakeDescriptor = ends[1]
        for end in ends { Descriptor.setNonBlockingCloseOnExec(end) }
        thread.start()
        thread.submit { _ in
            Self.run(sockets, wake: wake, batch: batch, handle: handle)
            for socket in sockets { Descriptor.close(socket.descriptor) }
            Descriptor.close(wake)
        }
    }

    /// Ends the thread. The ports are free when this returns.
    func stop() async {
        wake()
        try? await thread.shutdownGracefully()
    }

    /// Ends the thread without waiting for it.
    func abandon() {
        guard wake() else { return }
        thread.shutdownGracefully { _ in }
    }

    /// Returns false if that has been done before.
    @discardableResult
    private func wake() -> Bool {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return false }
        Descriptor.close(wakeDescriptor)
        return true
    }

    private static func run(
        _ sockets: [ListeningSocket],
        wake: Int32,
        batch: Int,
        handle: (Int32, PeerEndpoint) -> Void
    ) {
        let all = ([wake] + sockets.map(\.descriptor)).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            var polled = all
            let ready = poll(&polled, nfds_t(polled.count), -1)
            guard ready >= 0 || errno == EINTR else { return }
            // The other end is never written to: this end becomes readable when the other end closes.
            if polled[0].revents != 0 { return }
            for (socket, state) in zip(sockets, polled.dropFirst()) where state.revents != 0 {
                if acceptBatch(from: socket, limit: batch, handle: handle) == .exhausted {
                    var onlyWake = [all[0]]
                    if poll(&onlyWake, 1, exhaustionPauseMilliseconds) > 0 { return }
                }
            }
        }
    }

    private enum BatchEnd {
        case drained
        case exhausted
    }

    private static func acceptBatch(
        from socket: ListeningSocket,
        limit: Int,
        handle: (Int32, PeerEndpoint) -> Void
    ) -> BatchEnd {
        for _ in 0..<limit {
            switch socket.accept() {
            case .connection(let descriptor, let remote): handle(descriptor, remote)
            case .lost: continue
            case .none: return .drained
            case .exhausted: return .exhausted
            }
        }
        return .drained
    }
}

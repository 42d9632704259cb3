// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTransport
import RucheWire

/// A transport whose dials end only when they are cancelled.
final class SilentTransport: PeerTransport {
    let kind = TransportKind("silent")
    /// Dials that were started, and those that were cancelled.
    let dialled = Inbox<PeerEndpoint>()
    let cancelled = Inbox<PeerEndpoint>()

    func canReach(_ remote: PeerEndpoint) -> Bool { true }

    func dial(
        _ dial: PeerDial,
        on loop: any EventLoop,
        then: @escaping @Sendable (Result<any PeerStream, TransportError>) -> Void
    ) -> DialTicket {
        dialled.append([dial.remote])
        return DialTicket { [cancelled] in
            guard !cancelled.all.contains(dial.remote) else { return }
            cancelled.append([dial.remote])
            loop.execute { then(.failure(TransportError(.stopped, "dial"))) }
        }
    }

    func listen(_ door: any PeerDoor) async throws(TransportError) -> [PeerEndpoint] { [] }

    func close() async {}
}

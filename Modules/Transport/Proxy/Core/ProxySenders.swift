// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Finds the stand-in of a name behind which a datagram's sender is (see `ProxyNames`).
///
/// A proxy that resolves a name does not say to which address, so a response comes from an endpoint to which nothing was
/// sent. It is attributed to a name that was recently sent to at the same port. Whether it really is the response, the
/// protocol's transaction tells.
package struct ProxySenders: Sendable {
    /// Stand-ins that are remembered.
    private static let standInLimit = 64
    /// Endpoints that are remembered in each of two generations.
    private static let directLimit = 4_096
    /// The time in which a response is expected.
    private static let patience = Interval.seconds(60)

    private struct Sent {
        let standIn: PeerEndpoint
        let time: Instant
    }

    /// Oldest first.
    private var standIns: [Sent] = []
    private var direct: (new: Set<PeerEndpoint>, old: Set<PeerEndpoint>) = ([], [])

    package init() {}

    /// Records that a datagram was sent to an endpoint.
    package mutating func noteSent(to endpoint: PeerEndpoint, isStandIn: Bool, at now: Instant) {
        guard isStandIn else {
            guard direct.new.insert(endpoint).inserted, direct.new.count >= Self.directLimit else { return }
            direct = ([], direct.new)
            return
        }
        standIns.removeAll { $0.standIn == endpoint || now - $0.time > Self.patience }
        standIns.append(Sent(standIn: endpoint, time: now))
        if standIns.count > Self.standInLimit { standIns.removeFirst() }
    }

    /// Returns the endpoint to which the datagram was sent that `sender` may answer.
    package func target(answeredBy sender: PeerEndpoint, at now: Instant) -> PeerEndpoint {
        guard !direct.new.contains(sender), !direct.old.contains(sender) else { return sender }
        let sent = standIns.last { $0.standIn.port == sender.port && now - $0.time <= Self.patience }
        return sent?.standIn ?? sender
    }
}

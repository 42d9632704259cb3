// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTesting
import RucheWire

/// A connection from a hostile address that is interested and requests nothing, only to hold an upload slot. When it
/// ends, its host dials again as another peer.
final class SlotTaker: VirtualStreamHandler {
    private let swarm: VirtualSwarm
    private let host: VirtualHost
    private let target: PeerEndpoint
    /// How long a connection lasts; nil until the target closes it.
    private let seconds: ClosedRange<Double>?
    private var random: SeededRandom
    private var stream: VirtualStream?
    /// The number of connections so far.
    private(set) var dialCount = 0

    init(_ swarm: VirtualSwarm, on host: VirtualHost, to target: PeerEndpoint, lasting seconds: ClosedRange<Double>?) {
        (self.swarm, self.host, self.target, self.seconds) = (swarm, host, target, seconds)
        random = swarm.network.makeRandom()
    }

    /// Dials, and keeps dialling for the life of this object.
    func start() {
        dialCount += 1
        host.dial(target) { [weak self] stream in
            guard let self, let stream else { return self?.dialLater() ?? () }
            self.stream = stream
            stream.handler = self
            var bytes = ByteBuffer()
            let id = PeerID(prefix: "-XX0001-", using: &random)
            let hash = swarm.torrent.info.hashes.wireHashes[0]
            Handshake(capabilities: [], infoHash: hash, peerID: id).encode(into: &bytes)
            PeerMessage.interested.encode(into: &bytes)
            stream.write(bytes)
            guard let seconds else { return }
            swarm.network.schedule(after: .seconds(.random(in: seconds, using: &random))) { [weak self] in
                guard let self, self.stream === stream else { return }
                stream.close()
                dialLater()
            }
        }
    }

    func handleBytes(_: ByteBuffer) {}
    func handleWritable() {}
    func handleClosed() { dialLater() }

    private func dialLater() {
        stream = nil
        swarm.network.schedule(after: .milliseconds(200)) { [weak self] in self?.start() }
    }
}

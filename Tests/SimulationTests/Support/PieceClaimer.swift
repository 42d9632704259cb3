// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTesting
import RucheWire

/// Addresses that work together against a super seed. When it shows a piece to one of them, all of them claim to have it.
final class ClaimerGang {
    private let swarm: VirtualSwarm
    private(set) var claimers: [PieceClaimer] = []

    init(_ swarm: VirtualSwarm, count: Int, against target: PeerEndpoint) {
        self.swarm = swarm
        for _ in 0..<count { claimers.append(PieceClaimer(self, swarm)) }
        for claimer in claimers { claimer.dial(target) }
    }

    /// Claims the piece half a second later, as if it had been passed on.
    fileprivate func claim(_ piece: PieceIndex) {
        swarm.network.schedule(after: .milliseconds(500)) { [weak self] in
            for claimer in self?.claimers ?? [] { claimer.send(.have(piece)) }
        }
    }
}

/// One connection of a gang, from an address of its own. It requests a block of each piece that it is shown.
final class PieceClaimer: VirtualStreamHandler {
    /// The pieces of which the seed has sent a block.
    private(set) var served: Set<PieceIndex> = []

    private var shown: [PieceIndex] = []
    private var isChoked = true
    private unowned let gang: ClaimerGang
    private let host: VirtualHost
    private let hash: SHA1Digest
    private var random: SeededRandom
    private var stream: VirtualStream?
    private var framer = MessageFramer()
    /// The number of bytes of the other end's handshake that have not arrived.
    private var handshakeByteCount = Handshake.byteCount

    fileprivate init(_ gang: ClaimerGang, _ swarm: VirtualSwarm) {
        self.gang = gang
        host = swarm.network.addHost()
        hash = swarm.torrent.info.hashes.wireHashes[0]
        random = swarm.network.makeRandom()
    }

    fileprivate func dial(_ target: PeerEndpoint) {
        host.dial(target) { [weak self] stream in
            guard let self, let stream else { return }
            self.stream = stream
            stream.handler = self
            var bytes = ByteBuffer()
            let id = PeerID(prefix: "-XX0001-", using: &random)
            Handshake(capabilities: .fast, infoHash: hash, peerID: id).encode(into: &bytes)
            PeerMessage.haveNone.encode(into: &bytes)
            PeerMessage.interested.encode(into: &bytes)
            stream.write(bytes)
        }
    }

    fileprivate func send(_ message: PeerMessage) {
        var bytes = ByteBuffer()
        message.encode(into: &bytes)
        stream?.write(bytes)
    }

    func handleBytes(_ bytes: ByteBuffer) {
        var input = bytes
        let skipped = min(handshakeByteCount, input.readableBytes)
        input.moveReaderIndex(forwardBy: skipped)
        handshakeByteCount -= skipped
        while let output = try? framer.next(from: &input) {
            switch output {
            case .message(.have(let piece)): handleShown(piece)
            case .message(.choke): isChoked = true
            case .message(.unchoke):
                isChoked = false
                for piece in shown where !served.contains(piece) { request(piece) }
            case .block(let block): served.insert(block.piece)
            case .payload(let count, _): input.moveReaderIndex(forwardBy: count)
            case .message: break
            }
        }
    }

    func handleWritable() {}
    func handleClosed() { stream = nil }

    private func handleShown(_ piece: PieceIndex) {
        shown.append(piece)
        gang.claim(piece)
        if !isChoked { request(piece) }
    }

    private func request(_ piece: PieceIndex) {
        send(.request(BlockRequest(piece: piece, offset: 0, length: UInt32(Block.byteCount))))
    }
}

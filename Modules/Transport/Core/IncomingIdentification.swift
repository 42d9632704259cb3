// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheCrypto
internal import RucheWire

/// Learns from a stranger's first bytes which swarm it wants, through whichever secure channel it begins.
///
/// Owner: one accepted connection. It consumes the channel's handshake and nothing else: the BitTorrent handshake stays in
/// `received` for the swarm. After an error the connection is unusable.
/// ```
/// undecided ──recognised──▶ handshake ──outcome──▶ open ──48 bytes──▶ found
/// ```
package struct IncomingIdentification {
    /// Which swarm, and how.
    package struct Found {
        /// The info-hash in the BitTorrent handshake.
        package let infoHash: SHA1Digest
        /// What the channel's handshake led to.
        package let channel: ChannelOutcome
    }

    /// What the stranger wants, once it is known.
    package private(set) var found: Found?
    /// Plaintext that nobody has consumed.
    package private(set) var received = ByteBuffer()

    private let policy: ChannelPolicy
    private let byteLimit: Int
    private let findTorrent: @Sendable (SHA1Digest) -> SHA1Digest?
    private var stage = Stage.undecided(ByteBuffer())
    private var byteCount = 0

    private enum Stage {
        case undecided(ByteBuffer)
        case handshake(any ConnectionChannel)
        case open(any ConnectionChannel, ChannelOutcome)
    }

    /// `findTorrent` gives the info-hash of ours whose `MSEHandshake.lookupKey(for:)` is asked for.
    package init(
        policy: ChannelPolicy,
        byteLimit: Int,
        findTorrent: @escaping @Sendable (_ lookupKey: SHA1Digest) -> SHA1Digest?
    ) {
        self.policy = policy
        self.byteLimit = byteLimit
        self.findTorrent = findTorrent
    }

    /// The channel by which the connection goes on, once there is an outcome.
    package var channel: (any ConnectionChannel)? {
        if case .open(let channel, _) = stage { channel } else { nil }
    }

    /// Takes what came, any number of bytes at a time; what must be answered is in the batch's output.
    package mutating func handle(_ bytes: ByteBuffer, in batch: inout ChannelBatch) throws(TransportError) {
        byteCount += bytes.readableBytes
        guard byteCount <= byteLimit else {
            throw TransportError(.limit, "identify a stranger within \(byteLimit) bytes")
        }
        var bytes = bytes
        switch stage {
        case .undecided(var first):
            first.writeBuffer(&bytes)
            try handleUndecided(first, in: &batch)
        case .handshake(let channel): try handleHandshake(of: channel, &bytes, in: &batch)
        case .open(let channel, _): try open(&bytes, from: channel)
        }
        try identify()
    }

    private mutating func handleUndecided(
        _ first: ByteBuffer,
        in batch: inout ChannelBatch
    ) throws(TransportError) {
        switch policy.recognise(first) {
        case .undecided: stage = .undecided(first)
        case .offer(let offer):
            let setup = ChannelSetup(.responder(findSwarm: findTorrent), mustSeal: policy.mustSeal)
            let channel = offer.makeChannel(setup, in: &batch)
            stage = .handshake(channel)
            var first = first
            try handleHandshake(of: channel, &first, in: &batch)
        case .none:
            throw policy.mustSeal
                ? TransportError(.encryptionRequired, "accept a plaintext handshake")
                : TransportError(.notBitTorrent, "accept a connection that begins otherwise than BitTorrent")
        }
    }

    private mutating func handleHandshake(
        of channel: any ConnectionChannel,
        _ bytes: inout ByteBuffer,
        in batch: inout ChannelBatch
    ) throws(TransportError) {
        try channel.handleHandshake(&bytes, in: &batch)
        guard let outcome = channel.outcome else { return }
        if policy.mustSeal, outcome.isPassthrough {
            throw TransportError(.encryptionRequired, "accept a channel that seals nothing")
        }
        stage = .open(channel, outcome)
        try open(&bytes, from: channel)
    }

    private mutating func open(
        _ bytes: inout ByteBuffer,
        from channel: any ConnectionChannel
    ) throws(TransportError) {
        while var plain = try channel.open(&bytes) { received.writeBuffer(&plain) }
    }

    /// The handshake is for the swarm that the channel is bound to, if it is bound to one: one connection has one swarm.
    private mutating func identify() throws(TransportError) {
        guard found == nil, case .open(_, let outcome) = stage, let preamble = try peekPreamble() else { return }
        guard outcome.swarm == nil || outcome.swarm == preamble.infoHash else {
            throw TransportError(.notBitTorrent, "read a handshake that is for another swarm than its encryption")
        }
        found = Found(infoHash: preamble.infoHash, channel: outcome)
    }

    private func peekPreamble() throws(TransportError) -> Handshake.Preamble? {
        do throws(PeerProtocolError) {
            return try Handshake.peekPreamble(in: received)
        } catch {
            throw TransportError(.notBitTorrent, "read a handshake (\(error))")
        }
    }
}

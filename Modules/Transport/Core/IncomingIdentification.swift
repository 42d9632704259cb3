// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheCrypto
internal import RucheWire

/// Reads from a stranger's first bytes which swarm it wants, through whichever secure channel it starts.
///
/// Owner: one accepted connection. It consumes only the channel's handshake: the BitTorrent handshake stays in
/// `received` for the swarm. After an error the connection is unusable.
/// ```
/// undecided ──recognised──▶ handshake ──outcome──▶ open ──48 bytes──▶ found
/// ```
package struct IncomingIdentification {
    /// The swarm that the stranger wants, and the channel.
    package struct Found {
        /// The info-hash in the BitTorrent handshake.
        package let infoHash: SHA1Digest
        /// The outcome of the channel's handshake.
        package let channel: ChannelOutcome
    }

    /// What the stranger wants, once it is known.
    package private(set) var found: Found?
    /// Plaintext that has not been consumed.
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

    /// `findTorrent` returns our info-hash that has the given `MSEHandshake.lookupKey(for:)`.
    package init(
        policy: ChannelPolicy,
        byteLimit: Int,
        findTorrent: @escaping @Sendable (_ lookupKey: SHA1Digest) -> SHA1Digest?
    ) {
        self.policy = policy
        self.byteLimit = byteLimit
        self.findTorrent = findTorrent
    }

    /// The connection's channel, once it has an outcome.
    package var channel: (any ConnectionChannel)? {
        if case .open(let channel, _) = stage { channel } else { nil }
    }

    /// Handles received bytes, in any amount. The response is in the batch's output.
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
                : TransportError(.notBitTorrent, "accept a connection that does not begin like BitTorrent")
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
            throw TransportError(.encryptionRequired, "accept a channel without encryption")
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

    /// If the channel is bound to a swarm, checks that the handshake is for the same one.
    private mutating func identify() throws(TransportError) {
        guard found == nil, case .open(_, let outcome) = stage, let preamble = try peekPreamble() else { return }
        guard outcome.swarm == nil || outcome.swarm == preamble.infoHash else {
            throw TransportError(.notBitTorrent, "read a handshake for a swarm other than that of its encryption")
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

// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheWire

/// From an open connection to a peer with a slot: who says what, and for how long we wait.
extension SwarmCore {
    /// A connection is open: one that the core had asked for, or one that came to us. Returns its name, until it has a slot or
    /// has ended, and what to say. `infoHash` is what it was dialled for, or what it asks for.
    package mutating func handleOpened(
        _ endpoint: PeerEndpoint,
        isIncoming: Bool,
        usesUTP: Bool,
        for infoHash: SHA1Digest,
        in batch: inout SwarmBatch
    ) -> (id: OpeningID, greeting: Greeting) {
        let isNamed = isIncoming || !withholdsID(from: endpoint)
        let opening = OpeningConnections.Opening(
            endpoint: endpoint,
            isIncoming: isIncoming,
            usesUTP: usesUTP,
            isNamed: isNamed
        )
        let id = connections.openings.insert(opening, at: batch.now)
        guard !isIncoming else { return (id, .none) }
        let handshake = makeHandshake(for: infoHash)
        return (id, isNamed ? .handshake(handshake) : .preamble(of: handshake))
    }

    /// The other side has named a torrent, and may wait for our answer before it names itself.
    package func reply(to preamble: Handshake.Preamble, isIncoming: Bool) -> PreambleReply {
        guard isIncoming else { return .none }
        return makeAnswer(to: preamble).map(PreambleReply.answer) ?? .refuse
    }

    /// The other side's handshake is whole. Returns its slot; nil if the connection must be closed.
    package mutating func handleHandshake(
        _ handshake: Handshake,
        on id: OpeningID,
        in batch: inout SwarmBatch
    ) -> PeerSlot? {
        guard let opening = connections.openings.remove(id) else { return nil }
        guard identity.hashes.wireHashes.contains(handshake.infoHash) else {
            handleEnded(opening, isBlameless: false, in: &batch)
            return nil
        }
        let introduction = PeerIntroduction(
            endpoint: opening.endpoint,
            isIncoming: opening.isIncoming,
            handshake: handshake,
            speaksV2: speaksV2(after: handshake, isIncoming: opening.isIncoming),
            isNamed: opening.isNamed,
            usesUTP: opening.usesUTP
        )
        return handleConnected(introduction, in: &batch)
    }

    /// A connection has ended before its handshakes were done. `hasYielded`: its place was given to another.
    package mutating func handleOpeningEnded(_ id: OpeningID, hasYielded: Bool, in batch: inout SwarmBatch) {
        guard let opening = connections.openings.remove(id) else { return }
        handleEnded(opening, isBlameless: hasYielded, in: &batch)
    }

    /// Gives up connections whose handshakes take too long: their places may be of use to others.
    mutating func giveUpOpenings(in batch: inout SwarmBatch) {
        while let id = connections.openings.nextOverdue(at: batch.now), let opening = connections.openings.remove(id) {
            batch.add(.giveUp(id))
            handleEnded(opening, isBlameless: false, in: &batch)
        }
    }

    /// If we dialled it, the dial has failed.
    private mutating func handleEnded(
        _ opening: OpeningConnections.Opening,
        isBlameless: Bool,
        in batch: inout SwarmBatch
    ) {
        guard !opening.isIncoming else { return }
        if isBlameless {
            handleDialDeferred(opening.endpoint, in: &batch)
        } else {
            handleDialFailed(opening.endpoint, in: &batch)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheStorage
package import RucheWire

/// The content of one swarm, whatever its type, with its messages. Owner: `ExtensionTable`.
protocol ContentHost: ExtensionHost {
    /// How much content there is now.
    var shape: ContentShape { get }
    /// Verifies the pieces of `shape`.
    var verifier: any PieceVerifier { get }
    /// Returns the content in its present state.
    func makeSeed() -> ContentSeed
    /// Handles a stored piece.
    func handleStored(_ piece: PieceIndex, at now: Instant)
    /// Handles `byteCount` bytes of created pieces that no longer wait to be stored.
    func handleMade(_ byteCount: Int)
}

/// A content with its peers, held to its limits.
final class HostedContent<Body: Content>: HostedConversation<Body>, ContentHost {
    var shape: ContentShape { body.shape }
    var verifier: any PieceVerifier { body.verifier }

    func makeSeed() -> ContentSeed { ContentSeed(body) }

    func handleStored(_ piece: PieceIndex, at now: Instant) {
        begin(at: now)
        body.handleStored(piece, in: &batch)
    }

    func handleMade(_ byteCount: Int) { batch.storingByteCount = max(0, batch.storingByteCount - byteCount) }
}

/// A content, as a value that can be passed to the loop on which it will live.
package struct ContentSeed: Sendable {
    package let name: ExtensionName
    package let hashes: InfoHashes
    let isPrivate: Bool
    package let shape: ContentShape
    /// Verifies what a store may already have.
    package let verifier: any PieceVerifier
    let makeHost: @Sendable (SwarmFacts, SeededRandom, WorkMeter, Instant) -> any ContentHost

    package init<Body: Content>(_ content: Body) {
        name = Body.name
        hashes = content.hashes
        isPrivate = content.isPrivate
        shape = content.shape
        verifier = content.verifier
        makeHost = { facts, random, work, now in
            HostedContent(facts, random, work, at: now) { _ in content }
        }
    }
}

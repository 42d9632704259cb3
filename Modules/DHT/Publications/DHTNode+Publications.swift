// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
internal import RucheTransport
public import RucheWire

extension DHTNode {
    /// Publishes a torrent under an author's key (BEP 46), as the version after the one that the DHT has.
    ///
    /// Nodes keep the item for two hours. Call this again once an hour: while the latest version names the same torrent,
    /// that version is stored again, and followers see no change.
    ///
    /// - Parameters:
    ///   - salt: Distinguishes the works of one author; at most `DHTItem.saltByteCount` bytes.
    ///   - latest: The highest sequence number that the author has used so far, in case the DHT has forgotten it.
    /// - Throws: `DHTError` with the code `.conflict` if another device of the author publishes at the same time,
    ///   `.unfitItem`, `.notStored`, `.noNodes`, `.limit` or `.stopped`.
    public func publish(
        _ infoHash: SHA1Digest,
        by author: Ed25519.PrivateKey,
        salt: [UInt8] = [],
        after latest: Int64 = 0
    ) async throws(DHTError) -> Publication {
        let known = try await latestItem(of: author.publicKey, salt: salt).get()
        let last = max(latest, known?.author?.sequence ?? 0)
        if let known, let publication = Publication(known), publication.infoHash == infoHash,
            publication.sequence == last
        {
            _ = try await write(known).get()
            return publication
        }
        guard last < .max else { throw DHTError(.unfitItem, "the sequence number cannot rise any further") }
        let item = try DHTItem(Publication.value(naming: infoHash), by: author, salt: salt, sequence: last + 1)
        _ = try await write(item, replacing: known?.author?.sequence).get()
        guard let publication = Publication(item) else { throw DHTError(.unfitItem, "\(infoHash)") }
        return publication
    }

    /// Follows a publisher: yields the version after `latest`, and each later one as it is found. An older version is
    /// never yielded after a newer one.
    ///
    /// The DHT is searched every `interval`. A version that was found is stored again once an hour on the author's
    /// behalf, so it stays available while it has followers. A search without an answer is repeated; the sequence ends,
    /// with a `DHTError` with the code `.stopped`, when the node closes. Cancelling the sequence ends the searches.
    public func publications(
        of author: Ed25519.PublicKey,
        salt: [UInt8] = [],
        after latest: Int64 = -1,
        every interval: Interval = .minutes(5)
    ) -> AsyncThrowingStream<Publication, any Error> {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: Publication.self)
        let task = Task {
            var follower = PublicationFollower(after: latest)
            while !Task.isCancelled {
                switch await latestItem(of: author, salt: salt) {
                case .success(let item?):
                    if let publication = follower.next(in: item) { continuation.yield(publication) }
                    if follower.mustStoreAnew(item, at: .now) { _ = await write(item) }
                case .success(nil): break
                case .failure(let error):
                    if error.code == .stopped { return continuation.finish(throwing: error) }
                }
                try? await Task.sleep(nanoseconds: UInt64(max(interval, .milliseconds(100)).nanoseconds))
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    /// Returns the latest version that the nearest nodes have; nil if they have none.
    private func latestItem(of author: Ed25519.PublicKey, salt: [UInt8]) async -> Result<DHTItem?, DHTError> {
        await outcome(of: .item(at: DHTItem.target(of: author, salt: salt), salt: salt)).map(\.item)
    }
}

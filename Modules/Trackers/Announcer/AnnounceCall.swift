// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// Makes one announce: for each of a torrent's info-hashes, with the current counts.
struct AnnounceCall: Sendable {
    let client: TrackerClient
    let subject: AnnounceSubject

    /// Announces every hash. Succeeds if one of them does, otherwise returns the first failure. A tracker that times
    /// out is not asked about the remaining hashes.
    func make(_ announce: AnnounceSchedule.Announce) async -> Result<AnnounceResponse, TrackerError> {
        let stats = await subject.stats()
        var merged: AnnounceResponse?
        var failure: TrackerError?
        for hash in subject.hashes {
            do throws(TrackerError) {
                let response = try await client.announce(makeRequest(announce, of: hash, stats), to: announce.url)
                merged = merged?.merged(with: response) ?? response
            } catch {
                failure = failure ?? error
                guard error.isAnswer else { break }
            }
        }
        let result: Result<AnnounceResponse, TrackerError> =
            if let merged {
                .success(merged)
            } else {
                .failure(failure ?? TrackerError(.stopped, "no info-hash to announce"))
            }
        if let hash = subject.hashes.first { client.note(result, of: announce.url, to: hash) }
        return result
    }

    private func makeRequest(
        _ announce: AnnounceSchedule.Announce,
        of hash: SHA1Digest,
        _ stats: AnnounceStats
    ) -> AnnounceRequest {
        var request = AnnounceRequest(
            infoHash: hash,
            peerID: subject.peerID,
            port: subject.port,
            leftByteCount: stats.left,
            event: announce.event == .none && stats.isPartialSeed ? .paused : announce.event,
            key: subject.key
        )
        request.uploadedByteCount = stats.uploaded
        request.downloadedByteCount = stats.downloaded
        request.trackerID = announce.trackerID
        request.wantedPeerCount = announce.event == .stopped ? 0 : client.limits.wantedPeers
        return request
    }
}

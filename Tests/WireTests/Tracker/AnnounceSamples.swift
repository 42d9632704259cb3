// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire

enum AnnounceSamples {
    static let infoHash = SHA1Digest(Array("\0 %&+~az".utf8) + Array(repeating: 0xff, count: 12)) ?? SHA1Digest()
    static let peerID = PeerID(SHA1Digest("-RU0100-abcdefghijkl".utf8) ?? SHA1Digest())

    static let request: AnnounceRequest = {
        var request = AnnounceRequest(
            infoHash: infoHash,
            peerID: peerID,
            port: 6881,
            leftByteCount: 3,
            event: .started,
            key: 0xbeef
        )
        request.uploadedByteCount = 1
        request.downloadedByteCount = 2
        request.wantedPeerCount = 80
        return request
    }()
}

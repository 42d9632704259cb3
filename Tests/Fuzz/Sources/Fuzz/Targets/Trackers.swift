// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheWire

extension FuzzTarget {
    static let httpTracker = FuzzTarget(name: "http-tracker", seeds: { httpSeeds }) { bytes in
        let body = ByteBuffer(bytes: bytes)
        let limits = TrackerMessageLimits()
        if let answer = try? AnnounceResponse(parsing: body) { check(answer) }
        if let answer = try? ScrapeResponse(parsing: body) {
            require(answer.swarms.count <= limits.scrapeCount, "limits hold")
        }
    }

    /// The first byte decides which request was sent, and over which address family.
    static let udpTracker = FuzzTarget(name: "udp-tracker", seeds: { udpSeeds }) { bytes in
        var tape = Tape(bytes)
        let choice = tape.nextByte()
        let datagram = ByteBuffer(bytes: tape.nextRest())
        _ = UDPTrackerResponse.transactionID(of: datagram)
        let response = try? UDPTrackerResponse(
            parsing: datagram,
            answering: requests[Int(choice >> 1) % requests.count],
            transactionID: transaction,
            form: choice & 1 == 0 ? .v4 : .v6
        )
        if case .announce(let answer) = response { check(answer) }
    }

    private static func check(_ answer: AnnounceResponse) {
        let limits = TrackerMessageLimits()
        require(answer.peers.count <= limits.peerCount, "limits hold")
        require(0...limits.intervalSeconds ~= answer.intervalSeconds, "intervals can be waited for")
        require(answer.trackerID.map { $0.count <= limits.trackerIDByteCount } ?? true, "limits hold")
    }

    private static let transaction: UInt32 = 0x0102_0304

    private static let requests: [UDPTrackerRequest] = {
        var random = SeededRandom(seed: 1)
        let announce = AnnounceRequest(
            infoHash: SHA1Digest(),
            peerID: PeerID(prefix: "-RU0100-", using: &random),
            port: 6881,
            leftByteCount: 1,
            event: .started,
            key: 1
        )
        return [
            .connect, .announce(announce, connectionID: 1, path: "/announce"), .scrape([SHA1Digest()], connectionID: 1),
        ]
    }()

    private static let httpSeeds: [[UInt8]] = {
        let packed: [UInt8] = [10, 0, 0, 1, 0x1a, 0xe1]
        let peer: BencodeValue = ["ip": "10.0.0.1", "port": 6881, "peer id": "-RU0100-abcdefghijkl"]
        let counts: BencodeValue = ["complete": 3, "downloaded": 9, "incomplete": 2]
        let hash = [UInt8](repeating: 1, count: SHA1Digest.byteCount)
        let answers: [BencodeValue] = [
            ["interval": 1800, "min interval": 60, "complete": 3, "incomplete": 2, "peers": .string(packed)],
            ["interval": 1800, "peers": [peer], "tracker id": "x", "warning message": "slow", "external ip": "abcd"],
            ["failure reason": "unregistered torrent", "retry in": "never"],
            ["peers6": .string([UInt8](repeating: 1, count: 36)), "interval": .integer(.max)],
            ["files": .dictionary([hash: counts])],
        ]
        return answers.map(\.encoded)
    }()

    private static let udpSeeds: [[UInt8]] = [
        [0, 0, 0, 0, 0, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8],
        [2, 0, 0, 0, 1, 1, 2, 3, 4, 0, 0, 7, 8, 0, 0, 0, 2, 0, 0, 0, 3, 10, 0, 0, 1, 0x1a, 0xe1],
        [3, 0, 0, 0, 1, 1, 2, 3, 4, 0, 0, 7, 8, 0, 0, 0, 2, 0, 0, 0, 3] + [UInt8](repeating: 0x20, count: 18),
        [4, 0, 0, 0, 2, 1, 2, 3, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3],
        [2, 0, 0, 0, 3, 1, 2, 3, 4] + Array("unregistered".utf8),
    ]
}

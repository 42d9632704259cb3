// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheTransport
internal import RucheWire

extension FuzzTarget {
    static let localDiscovery = FuzzTarget(name: "local-discovery", seeds: { announcements }) { bytes in
        let limits = LocalDiscoveryLimits()
        guard let read = LocalAnnouncement(parsing: ByteBuffer(bytes: bytes), limits: limits) else { return }
        require(read.port > 0 && (1...limits.infoHashes).contains(read.infoHashes.count), "limits hold")
        let plain = LocalAnnouncement(port: read.port, infoHashes: read.infoHashes, cookie: nil)
        let again = LocalAnnouncement(parsing: plain.makeDatagram(to: LocalAnnouncement.groups[1]), limits: limits)
        require(again == plain, "what was read can be said")
    }

    private static let announcements: [[UInt8]] = LocalAnnouncement.groups.map { group in
        let announcement = LocalAnnouncement(port: 6881, infoHashes: [SHA1Digest(), SHA1Digest()], cookie: "abc")
        return Array(buffer: announcement.makeDatagram(to: group))
    }
}

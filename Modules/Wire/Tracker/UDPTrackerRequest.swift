// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheCrypto

/// A datagram to a UDP tracker (BEP 15).
///
/// A connection id proves that we receive at our source address; it is valid for a minute. A transaction id matches a
/// response to its request; choose a new random one for each datagram.
package enum UDPTrackerRequest: Hashable, Sendable {
    /// Requests a connection id.
    case connect
    /// Announces. `path` is the path and query of the tracker's URL (BEP 41); it may be empty.
    case announce(AnnounceRequest, connectionID: UInt64, path: String)
    /// Requests the counts of some swarms. Pass at most `TrackerMessageLimits.scrapeCount` info-hashes.
    case scrape([SHA1Digest], connectionID: UInt64)

    /// The action number of the request, which its response repeats.
    var action: UDPTrackerAction {
        switch self {
        case .connect: .connect
        case .announce: .announce
        case .scrape: .scrape
        }
    }

    /// Appends the datagram to `out`.
    package func encode(transactionID: UInt32, into out: inout ByteBuffer) {
        switch self {
        case .connect: out.writeMultipleIntegers(Self.protocolID, action.rawValue, transactionID)
        case .announce(let request, let connectionID, let path):
            out.writeMultipleIntegers(connectionID, action.rawValue, transactionID)
            Self.write(request, into: &out)
            Self.write(path: path, into: &out)
        case .scrape(let infoHashes, let connectionID):
            out.writeMultipleIntegers(connectionID, action.rawValue, transactionID)
            for hash in infoHashes { hash.withUnsafeBytes { _ = out.writeBytes($0) } }
        }
    }

    /// The magic constant that a connect request has in place of a connection id.
    private static let protocolID: UInt64 = 0x417_2710_1980

    private static func write(_ request: AnnounceRequest, into out: inout ByteBuffer) {
        request.infoHash.withUnsafeBytes { _ = out.writeBytes($0) }
        request.peerID.bytes.withUnsafeBytes { _ = out.writeBytes($0) }
        out.writeInteger(Int64(request.downloadedByteCount))
        out.writeInteger(Int64(request.leftByteCount))
        out.writeInteger(Int64(request.uploadedByteCount))
        // The field only has room for IPv4. 0 means the source of the datagram.
        let address = request.address.flatMap { $0.isIPv4 ? UInt32(truncatingIfNeeded: $0.low) : nil } ?? 0
        let event = request.event == .paused ? .none : request.event
        out.writeMultipleIntegers(event.rawValue, address, request.key)
        out.writeInteger(Int32(clamping: request.wantedPeerCount ?? -1))
        out.writeInteger(request.port)
    }

    /// Writes the path as URLData options of up to 255 bytes each (BEP 41).
    private static func write(path: String, into out: inout ByteBuffer) {
        var rest = Array(path.utf8)[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(255)
            out.writeMultipleIntegers(2 as UInt8, UInt8(chunk.count))
            out.writeBytes(chunk)
            rest = rest.dropFirst(255)
        }
    }
}

/// The action numbers of datagrams (BEP 15).
enum UDPTrackerAction: UInt32 {
    case connect = 0
    case announce = 1
    case scrape = 2
    case error = 3
}

// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheCrypto

/// A datagram to a UDP tracker (BEP 15).
///
/// A connection id proves that our address is ours; it is good for a minute. Transaction ids are random, fresh for each
/// datagram, and tell which request an answer is for.
public enum UDPTrackerRequest: Hashable, Sendable {
    /// Asks for a connection id.
    case connect
    /// Announces. `path` is the path and query of the tracker's URL (BEP 41), empty where it has none.
    case announce(AnnounceRequest, connectionID: UInt64, path: String)
    /// Asks for the counts of some swarms, as many as `TrackerLimits.scrapeCount` at most.
    case scrape([SHA1Digest], connectionID: UInt64)

    /// The number that stands for the request, and for its answer.
    var action: UDPTrackerAction {
        switch self {
        case .connect: .connect
        case .announce: .announce
        case .scrape: .scrape
        }
    }

    /// Appends the datagram's bytes.
    public func encode(transactionID: UInt32, into out: inout ByteBuffer) {
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

    /// What a connect request has in place of a connection id.
    private static let protocolID: UInt64 = 0x417_2710_1980

    private static func write(_ request: AnnounceRequest, into out: inout ByteBuffer) {
        request.infoHash.withUnsafeBytes { _ = out.writeBytes($0) }
        request.peerID.bytes.withUnsafeBytes { _ = out.writeBytes($0) }
        out.writeInteger(Int64(request.downloadedByteCount))
        out.writeInteger(Int64(request.leftByteCount))
        out.writeInteger(Int64(request.uploadedByteCount))
        // The field has room for IPv4 only; 0 means the datagram's own source.
        let address = request.address.flatMap { $0.isIPv4 ? UInt32(truncatingIfNeeded: $0.low) : nil } ?? 0
        let event = request.event == .paused ? .none : request.event
        out.writeMultipleIntegers(event.rawValue, address, request.key)
        out.writeInteger(Int32(clamping: request.wantedPeerCount ?? -1))
        out.writeInteger(request.port)
    }

    /// The path as one or more URLData options of up to 255 bytes (BEP 41).
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

/// The kinds of datagram (BEP 15).
enum UDPTrackerAction: UInt32 {
    case connect = 0
    case announce = 1
    case scrape = 2
    case error = 3
}

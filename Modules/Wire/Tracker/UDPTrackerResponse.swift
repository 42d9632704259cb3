// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import RucheCrypto

/// A datagram from a UDP tracker (BEP 15).
package enum UDPTrackerResponse: Hashable, Sendable {
    /// A connection id, to be sent with every request for one minute.
    case connect(connectionID: UInt64)
    /// The response to an announce.
    case announce(AnnounceResponse)
    /// The response to a scrape.
    case scrape(ScrapeResponse)

    /// Returns the transaction id in `datagram`; nil if it is too short. Checks nothing else.
    package static func transactionID(of datagram: ByteBuffer) -> UInt32? {
        datagram.getInteger(at: datagram.readerIndex + 4, as: UInt32.self)
    }

    /// Returns the transaction id in `datagram`; nil if it is too short. Checks nothing else.
    package static func transactionID(of datagram: RawSpan) -> UInt32? {
        guard datagram.byteCount >= 8 else { return nil }
        return UInt32(bigEndian: datagram.unsafeLoadUnaligned(fromByteOffset: 4, as: UInt32.self))
    }

    /// Parses the response to `request`, which was sent with `transactionID`. `form` must match the address family of
    /// the socket that received it. Datagrams may be longer than BEP 15 specifies.
    ///
    /// - Throws: `TrackerMessageError` with the code `.mismatched` for another transaction or action, `.refused` for an error
    ///   response, or `.malformed`.
    package init(
        parsing datagram: ByteBuffer,
        answering request: UDPTrackerRequest,
        transactionID: UInt32,
        form: CompactForm,
        limits: TrackerMessageLimits = .init()
    ) throws(TrackerMessageError) {
        var rest = datagram
        guard let (action, transaction) = rest.readMultipleIntegers(as: (UInt32, UInt32).self) else {
            throw Self.tooShort(datagram, 8)
        }
        guard transaction == transactionID else {
            let expected = "transaction \(transactionID)"
            throw TrackerMessageError(.mismatched, at: 4, expected: expected, found: "transaction \(transaction)")
        }
        if action == UDPTrackerAction.error.rawValue {
            let reason = String(decoding: rest.readableBytesView.prefix(limits.textByteCount), as: UTF8.self)
            throw TrackerMessageError(.refused, expected: "success", found: reason)
        }
        guard action == request.action.rawValue else {
            let expected = "action \(request.action.rawValue)"
            throw TrackerMessageError(.mismatched, expected: expected, found: "action \(action)")
        }
        switch request {
        case .connect:
            guard let id = rest.readInteger(as: UInt64.self) else { throw Self.tooShort(datagram, 16) }
            self = .connect(connectionID: id)
        case .announce: self = .announce(try Self.parseAnnounce(rest, of: datagram, form, limits))
        case .scrape(let hashes, _): self = .scrape(try Self.parseScrape(rest, of: datagram, hashes))
        }
    }

    private static func parseAnnounce(
        _ body: ByteBuffer,
        of datagram: ByteBuffer,
        _ form: CompactForm,
        _ limits: TrackerMessageLimits
    ) throws(TrackerMessageError) -> AnnounceResponse {
        var body = body
        guard let (interval, leechers, seeds) = body.readMultipleIntegers(as: (UInt32, UInt32, UInt32).self) else {
            throw tooShort(datagram, 20)
        }
        // Bytes after the last whole peer are left for future extensions.
        let peers = body.readableBytesView.dropLast(body.readableBytes % form.byteCount)
        var response = AnnounceResponse(
            intervalSeconds: min(Int(interval), limits.intervalSeconds),
            peers: PeerEndpoint.list(compact: peers, form: form, limit: limits.peerCount) ?? []
        )
        response.leecherCount = Int(leechers)
        response.seedCount = Int(seeds)
        return response
    }

    private static func parseScrape(
        _ body: ByteBuffer,
        of datagram: ByteBuffer,
        _ hashes: [SHA1Digest]
    ) throws(TrackerMessageError) -> ScrapeResponse {
        var body = body
        var response = ScrapeResponse(swarms: [:])
        for hash in hashes {
            guard let (seeds, downloads, leechers) = body.readMultipleIntegers(as: (UInt32, UInt32, UInt32).self) else {
                throw tooShort(datagram, 8 + 12 * hashes.count)
            }
            response.swarms[hash] = .init(
                seedCount: Int(seeds),
                leecherCount: Int(leechers),
                downloadCount: Int(downloads)
            )
        }
        return response
    }

    private static func tooShort(_ datagram: ByteBuffer, _ byteCount: Int) -> TrackerMessageError {
        let found = "\(datagram.readableBytes)"
        return TrackerMessageError(.malformed, at: datagram.readableBytes, expected: "\(byteCount) bytes", found: found)
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

extension KRPCMessage {
    /// Parses a datagram.
    ///
    /// - Throws: `BencodeError` if it is not a message. A query with invalid arguments parses as `.unfit`.
    package init(parsing bytes: [UInt8], limits: DHTLimits = .init()) throws(BencodeError) {
        let rules = BencodeRules(
            isCanonical: false,
            maxByteCount: limits.receivedByteCount,
            maxDepth: limits.messageDepth,
            maxTokens: limits.messageTokens
        )
        let root = try BencodeDocument(bytes, rules: rules).root
        guard let transaction = root["t"]?.string, transaction.count <= limits.transactionByteCount else {
            throw Self.unfit(root["t"] ?? root, "a transaction of at most \(limits.transactionByteCount) bytes in 't'")
        }
        self.transaction = Array(transaction)
        switch root["y"]?.text {
        case "q": body = .query(try KRPCQuery(root, limits))
        case "r": body = .response(try KRPCResponse(root, limits))
        case "e": body = .error(KRPCError(root["e"], limits))
        default: throw Self.unfit(root["y"] ?? root, "'q', 'r' or 'e' in 'y'")
        }
        isReadOnly = root["ro"]?.integer == 1
        observedEndpoint = root["ip"]?.string.flatMap(PeerEndpoint.init(compact:))
    }

    fileprivate static func unfit(_ view: BencodeView, _ expected: String) -> BencodeError {
        BencodeError(.unexpectedByte, at: view.range.lowerBound, expected: expected, found: "another value")
    }
}

extension KRPCError {
    fileprivate init(_ view: BencodeView?, _ limits: DHTLimits) {
        var elements = view?.elements.makeIterator()
        let code = elements?.next()?.integer ?? 0
        let text = elements?.next()?.string ?? []
        self.init(
            Int(clamping: code),
            String(decoding: text.prefix(limits.errorByteCount), as: UTF8.self).escapedForDisplay
        )
    }
}

extension KRPCResponse {
    fileprivate init(_ root: BencodeView, _ limits: DHTLimits) throws(BencodeError) {
        guard let fields = root["r"], let sender = fields["id"]?.string.flatMap(NodeID.init) else {
            throw KRPCMessage.unfit(root["r"] ?? root, "a node id in 'r'")
        }
        self.init(from: sender)
        nodes = NodeContact.list(compact: fields["nodes"]?.string ?? [], form: .v4, limit: limits.nodesPerAnswer)
        nodes += NodeContact.list(compact: fields["nodes6"]?.string ?? [], form: .v6, limit: limits.nodesPerAnswer)
        token = fields["token"]?.string.flatMap { $0.count <= limits.tokenByteCount ? Array($0) : nil }
        if let values = fields["values"]?.elements.prefix(limits.peersPerAnswer) {
            peers = values.compactMap { $0.string.flatMap(PeerEndpoint.init(compact:)) }.filter { $0.port != 0 }
        }
        seedFilter = fields["BFsd"]?.string.flatMap(ScrapeFilter.init)
        peerFilter = fields["BFpe"]?.string.flatMap(ScrapeFilter.init)
        value = fields["v"].map { Array($0.rawBytes) }
        key = fields["k"]?.string.flatMap { .init($0) }
        signature = fields["sig"]?.string.flatMap { .init($0) }
        sequence = fields["seq"]?.integer
        samples = fields["samples"]?.string.map { Self.ids($0, limit: limits.samplesPerAnswer) }
        sampledCount = fields["num"]?.integer.map(Int.init(clamping:))
        sampleInterval = fields["interval"]?.integer.map { min(max(0, Int(clamping: $0)), limits.sampleSeconds) }
    }

    private static func ids(_ bytes: ArraySlice<UInt8>, limit: Int) -> [NodeID] {
        (0..<min(limit, bytes.count / 20)).compactMap { NodeID(bytes.dropFirst(20 * $0).prefix(20)) }
    }
}

// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// A message between nodes (BEP 5, "KRPC protocol").
package struct KRPCMessage: Hashable, Sendable {
    /// The content of a message.
    package enum Body: Hashable, Sendable {
        case query(KRPCQuery)
        case response(KRPCResponse)
        case error(KRPCError)
    }

    /// Identifies the query to the querying node (`t`).
    package var transaction: [UInt8]
    package var body: Body
    /// Whether the sender does not answer queries, and must not be added to routing tables (BEP 43, `ro`).
    package var isReadOnly = false
    /// The receiver's endpoint as the sender sees it (BEP 42, `ip`).
    package var observedEndpoint: PeerEndpoint?

    package init(
        transaction: [UInt8],
        _ body: Body,
        isReadOnly: Bool = false,
        observedEndpoint: PeerEndpoint? = nil
    ) {
        self.transaction = transaction
        self.body = body
        self.isReadOnly = isReadOnly
        self.observedEndpoint = observedEndpoint
    }
}

/// Why a node refuses a query (BEP 5, BEP 44).
package struct KRPCError: Error, Hashable, Sendable {
    package var code: Int
    package var message: String

    package init(_ code: Int, _ message: String) {
        self.code = code
        self.message = message
    }

    static let malformed = 203
    static let unknownMethod = 204
    static let valueTooBig = 205
    static let badSignature = 206
    static let saltTooBig = 207
    static let conflict = 301
    static let outdated = 302
}

// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// A `ut_holepunch` message: two peers behind NATs connect with the help of a third to which both are connected (BEP
/// 55).
package struct HolepunchMessage: Hashable, Sendable {
    /// The kind of message.
    package var kind: Kind
    /// The peer that the message is about.
    package var endpoint: PeerEndpoint

    /// The kinds of message.
    package enum Kind: Hashable, Sendable {
        /// Asks the receiver to tell us and the peer at the endpoint to connect to each other.
        case rendezvous
        /// Tells the receiver to connect to the endpoint over uTP now.
        case connect
        /// Reports that the rendezvous has failed.
        case error(Failure)
    }

    /// Why a rendezvous has failed; an open set.
    package struct Failure: Hashable, Sendable {
        /// The error code on the wire.
        package var code: UInt32

        /// Creates a failure from its error code.
        package init(code: UInt32) { self.code = code }

        /// The endpoint is invalid.
        package static let noSuchPeer = Self(code: 1)
        /// The relaying peer is not connected to the endpoint.
        package static let notConnected = Self(code: 2)
        /// The peer at the endpoint does not support this extension.
        package static let noSupport = Self(code: 3)
        /// The endpoint is the relaying peer itself.
        package static let noSelf = Self(code: 4)
    }

    /// Creates a message.
    package init(_ kind: Kind, _ endpoint: PeerEndpoint) {
        self.kind = kind
        self.endpoint = endpoint
    }

    /// Parses the payload of an extended message.
    ///
    /// - Throws: `PeerProtocolError` for a length or a kind that BEP 55 does not define.
    package init(parsing payload: ByteBuffer) throws(PeerProtocolError) {
        let name = ExtensionName.holepunch.rawValue
        var payload = payload
        guard let (kind, family) = payload.readMultipleIntegers(as: (UInt8, UInt8).self) else {
            throw PeerProtocolError(length: payload.readableBytes, allowed: 12...24, in: name)
        }
        guard family <= 1 else {
            throw PeerProtocolError(.badValue, in: name, at: 1, expected: "address family 0 or 1", found: "\(family)")
        }
        let form = family == 0 ? CompactForm.v4 : .v6
        guard let bytes = payload.readSlice(length: form.byteCount),
            let endpoint = PeerEndpoint(compact: bytes.readableBytesView)
        else { throw PeerProtocolError(length: payload.readableBytes, allowed: 10...22, in: name) }
        // Only error messages use the code; some senders leave it out of the others.
        let code = payload.readInteger(as: UInt32.self) ?? 0
        switch kind {
        case 0: self.init(.rendezvous, endpoint)
        case 1: self.init(.connect, endpoint)
        case 2: self.init(.error(Failure(code: code)), endpoint)
        default: throw PeerProtocolError(.badValue, in: name, expected: "message type 0...2", found: "\(kind)")
        }
    }

    /// Returns the payload of the extended message.
    package func encoded() -> ByteBuffer {
        let (number, code): (UInt8, UInt32) =
            switch kind {
            case .rendezvous: (0, 0)
            case .connect: (1, 0)
            case .error(let failure): (2, failure.code)
            }
        var out = ByteBuffer()
        out.writeMultipleIntegers(number, endpoint.compactForm == .v4 ? 0 : 1 as UInt8)
        out.writeBytes(endpoint.compactBytes)
        out.writeInteger(code)
        return out
    }
}

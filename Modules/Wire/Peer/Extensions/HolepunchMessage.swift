// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// A `ut_holepunch` message: two peers behind NATs meet by way of a third that both are connected to (BEP 55).
public struct HolepunchMessage: Hashable, Sendable {
    /// What is asked or told.
    public var kind: Kind
    /// The peer it is about.
    public var endpoint: PeerEndpoint

    /// The three messages.
    public enum Kind: Hashable, Sendable {
        /// Tell the peer at the endpoint, and us, to connect to each other.
        case rendezvous
        /// Connect to the endpoint by uTP, now.
        case connect
        /// The rendezvous can't be arranged.
        case error(Failure)
    }

    /// Why a rendezvous can't be arranged; an open set.
    public struct Failure: Hashable, Sendable {
        /// The code on the wire.
        public var code: UInt32

        /// A failure by its code.
        public init(code: UInt32) { self.code = code }

        /// The endpoint is not valid.
        public static let noSuchPeer = Self(code: 1)
        /// The relaying peer is not connected to it.
        public static let notConnected = Self(code: 2)
        /// It doesn't know this extension.
        public static let noSupport = Self(code: 3)
        /// It is the relaying peer's own.
        public static let noSelf = Self(code: 4)
    }

    /// A message from its parts.
    public init(_ kind: Kind, _ endpoint: PeerEndpoint) {
        self.kind = kind
        self.endpoint = endpoint
    }

    /// Reads the payload of an extended message.
    ///
    /// - Throws: `PeerProtocolError` for a length or a kind that BEP 55 does not have.
    public init(parsing payload: ByteBuffer) throws(PeerProtocolError) {
        let name = ExtensionName.holepunch
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
        // Only errors have a use for the code, and some senders leave it out of the others.
        let code = payload.readInteger(as: UInt32.self) ?? 0
        switch kind {
        case 0: self.init(.rendezvous, endpoint)
        case 1: self.init(.connect, endpoint)
        case 2: self.init(.error(Failure(code: code)), endpoint)
        default: throw PeerProtocolError(.badValue, in: name, expected: "message type 0...2", found: "\(kind)")
        }
    }

    /// The payload of the extended message.
    public func encoded() -> ByteBuffer {
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

// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// A `ut_pex` message: the peers that the sender has connected to, or disconnected from, since its last one (BEP 11).
package struct PeerExchangeMessage: Hashable, Sendable {
    /// Peers that the sender has connected to.
    package var added: [Contact]
    /// Peers that the sender has disconnected from.
    package var dropped: [PeerEndpoint]

    /// A peer, with what the sender knows about it.
    package struct Contact: Hashable, Sendable {
        /// The endpoint at which the peer accepts connections.
        package var endpoint: PeerEndpoint
        /// The properties that the sender reports for it.
        package var flags: Flags

        /// Creates a contact.
        package init(_ endpoint: PeerEndpoint, flags: Flags = []) {
            self.endpoint = endpoint
            self.flags = flags
        }
    }

    /// Properties of an added peer: one byte on the wire.
    package struct Flags: OptionSet, Hashable, Sendable {
        /// The byte on the wire, including unknown bits.
        package let rawValue: UInt8

        /// Creates flags from the byte on the wire.
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The peer prefers encrypted connections.
        package static let prefersEncryption = Self(rawValue: 0x01)
        /// The peer is a seed, or only uploads.
        package static let uploadOnly = Self(rawValue: 0x02)
        /// The peer supports uTP.
        package static let utp = Self(rawValue: 0x04)
        /// The peer supports `ut_holepunch`.
        package static let holepunch = Self(rawValue: 0x08)
        /// The sender has connected to the peer, so it accepts connections.
        package static let reachable = Self(rawValue: 0x10)
    }

    /// Creates a message.
    package init(added: [Contact] = [], dropped: [PeerEndpoint] = []) {
        self.added = added
        self.dropped = dropped
    }
}

// MARK: - Parsing

extension PeerExchangeMessage {
    private static let name = "ut_pex"

    /// Parses the payload of an extended message. Reads each of the four lists of endpoints up to
    /// `limits.pexContactCount`. Missing flags read as empty.
    ///
    /// - Throws: `PeerProtocolError` if the payload is not a bencoded dictionary, or a list of peers is not a string of
    ///   whole endpoints.
    package init(parsing payload: ByteBuffer, limits: PeerLimits = .init()) throws(PeerProtocolError) {
        let root = try PeerBencode.dictionary(payload, in: Self.name).root
        let limit = limits.pexContactCount
        self.init()
        for (form, list, flags, drops) in [
            (CompactForm.v4, "added", "added.f", "dropped"), (.v6, "added6", "added6.f", "dropped6"),
        ] {
            let endpoints = try Self.endpoints(root.value(for: list.utf8), form, limit: limit, of: list)
            let flags = root.value(for: flags.utf8)?.string ?? []
            for (index, endpoint) in endpoints.enumerated() {
                let byte = index < flags.count ? flags[flags.startIndex + index] : 0
                added.append(Contact(endpoint, flags: Flags(rawValue: byte)))
            }
            dropped += try Self.endpoints(root.value(for: drops.utf8), form, limit: limit, of: drops)
        }
    }

    private static func endpoints(
        _ view: BencodeView?,
        _ form: CompactForm,
        limit: Int,
        of list: String
    ) throws(PeerProtocolError) -> [PeerEndpoint] {
        guard let view else { return [] }
        let message = "\(name) \(list)"
        guard let bytes = view.string else {
            throw PeerProtocolError(.badField, in: message, expected: "a string", found: "\(view.kind)")
        }
        guard let endpoints = PeerEndpoint.list(compact: bytes, form: form, limit: limit) else {
            let expected = "a multiple of \(form.byteCount) bytes"
            throw PeerProtocolError(
                .badValue,
                in: message,
                at: view.range.lowerBound,
                expected: expected,
                found: "\(bytes.count)"
            )
        }
        return endpoints
    }
}

// MARK: - Encoding

extension PeerExchangeMessage {
    /// Returns the payload of the extended message. Empty lists are left out.
    package func encoded() -> ByteBuffer {
        let v4 = added.filter { $0.endpoint.compactForm == .v4 }
        let v6 = added.filter { $0.endpoint.compactForm == .v6 }
        var encoder = BencodeEncoder()
        encoder.dictionary { dictionary in
            dictionary.entry("added", v4.flatMap(\.endpoint.compactBytes).nonEmpty)
            dictionary.entry("added.f", v4.map(\.flags.rawValue).nonEmpty)
            dictionary.entry("added6", v6.flatMap(\.endpoint.compactBytes).nonEmpty)
            dictionary.entry("added6.f", v6.map(\.flags.rawValue).nonEmpty)
            dictionary.entry("dropped", dropped.compactBytes(.v4).nonEmpty)
            dictionary.entry("dropped6", dropped.compactBytes(.v6).nonEmpty)
        }
        return ByteBuffer(bytes: encoder.bytes)
    }
}

extension [UInt8] {
    fileprivate var nonEmpty: [UInt8]? { isEmpty ? nil : self }
}

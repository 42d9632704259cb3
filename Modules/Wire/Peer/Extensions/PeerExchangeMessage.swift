// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// A `ut_pex` message: whom the sender has connected to, and lost, since its last one (BEP 11).
public struct PeerExchangeMessage: Hashable, Sendable {
    /// Peers that the sender has connected to since.
    public var added: [Contact]
    /// Peers that it has lost since.
    public var dropped: [PeerEndpoint]

    /// A peer and what is known about it.
    public struct Contact: Hashable, Sendable {
        /// Where it listens.
        public var endpoint: PeerEndpoint
        /// What the sender knows of it.
        public var flags: Flags

        /// A contact by its parts.
        public init(_ endpoint: PeerEndpoint, flags: Flags = []) {
            self.endpoint = endpoint
            self.flags = flags
        }
    }

    /// One byte for each added peer.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The byte, with bits that we don't know.
        public let rawValue: UInt8

        /// The byte as it came.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Prefers encrypted connections.
        public static let prefersEncryption = Self(rawValue: 0x01)
        /// Is a seed, or only uploads.
        public static let uploadOnly = Self(rawValue: 0x02)
        /// Speaks uTP.
        public static let utp = Self(rawValue: 0x04)
        /// Knows `ut_holepunch`.
        public static let holepunch = Self(rawValue: 0x08)
        /// The sender connected to it: it can be reached.
        public static let reachable = Self(rawValue: 0x10)
    }

    /// A message from its parts.
    public init(added: [Contact] = [], dropped: [PeerEndpoint] = []) {
        self.added = added
        self.dropped = dropped
    }
}

// MARK: - Parsing

extension PeerExchangeMessage {
    private static let name = "ut_pex"

    /// Reads the payload of an extended message. Each of its four lists is read up to the limit; a list that isn't
    /// whole endpoints is an error. Flags that are missing read as none.
    ///
    /// - Throws: `PeerProtocolError` for a payload that is no dictionary, or a list that is not whole endpoints.
    public init(parsing payload: ByteBuffer, limits: PeerLimits = .init()) throws(PeerProtocolError) {
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
    /// The payload of the extended message; lists that would be empty are left out.
    public func encoded() -> ByteBuffer {
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

// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheCrypto

/// The 68 bytes that open a connection (BEP 3).
public struct Handshake: Hashable, Sendable {
    /// Bytes on the wire.
    public static let byteCount = 68

    /// Extensions that the sender knows.
    public var capabilities: Capabilities
    /// The torrent: a v1 info-hash, or a v2 one cut to 20 bytes.
    public var infoHash: SHA1Digest
    /// The sender.
    public var peerID: PeerID

    /// A handshake from its parts.
    public init(capabilities: Capabilities, infoHash: SHA1Digest, peerID: PeerID) {
        self.capabilities = capabilities
        self.infoHash = infoHash
        self.peerID = peerID
    }

    /// The reserved bytes, most significant first.
    public struct Capabilities: OptionSet, Hashable, Sendable {
        /// All 64 bits, ours and others'.
        public let rawValue: UInt64

        /// The bits as they came.
        public init(rawValue: UInt64) { self.rawValue = rawValue }

        /// Has a DHT node, and says so with `port` (BEP 5).
        public static let dht = Self(rawValue: 0x01)
        /// Knows `haveAll`, `haveNone`, `suggest`, `reject` and `allowedFast` (BEP 6).
        public static let fast = Self(rawValue: 0x04)
        /// Has v2 of this hybrid torrent too: an answer with the v2 hash upgrades the connection (BEP 52).
        public static let v2Upgrade = Self(rawValue: 0x10)
        /// Knows extended messages (BEP 10).
        public static let extended = Self(rawValue: 0x10_0000)
    }

    /// Appends the 68 bytes.
    public func encode(into out: inout ByteBuffer) {
        out.writeBytes(Self.protocolName)
        out.writeInteger(capabilities.rawValue)
        infoHash.withUnsafeBytes { _ = out.writeBytes($0) }
        peerID.bytes.withUnsafeBytes { _ = out.writeBytes($0) }
    }

    /// Length byte, then name.
    static let protocolName: [UInt8] = [19] + Array("BitTorrent protocol".utf8)
}

// MARK: - Parsing

/// The handshake is read from the caller's buffer and left there until it is whole; the caller keeps the tail, at most
/// 67 bytes of it ours, and what follows it for the framer.
extension Handshake {
    /// What is known before the peer id: enough to find the torrent and to answer.
    public struct Preamble: Hashable, Sendable {
        /// Bytes on the wire.
        public static let byteCount = 48
        /// See `Handshake`.
        public var capabilities: Capabilities
        /// See `Handshake`.
        public var infoHash: SHA1Digest

        /// A preamble from its parts.
        public init(capabilities: Capabilities, infoHash: SHA1Digest) {
            self.capabilities = capabilities
            self.infoHash = infoHash
        }
    }

    /// Capabilities and info-hash once 48 bytes are there, without consuming them; nil before.
    ///
    /// One byte may be enough to know that this is something else, such as an encrypted connection.
    ///
    /// - Throws: `PeerProtocolError` at the first byte that differs from the protocol's name.
    public static func peekPreamble(in input: ByteBuffer) throws(PeerProtocolError) -> Preamble? {
        try checkProtocolName(input)
        var input = input
        guard input.readableBytes >= Preamble.byteCount else { return nil }
        input.moveReaderIndex(forwardBy: protocolName.count)
        guard let capabilities = input.readInteger(as: UInt64.self), let infoHash = input.readSHA1() else { return nil }
        return Preamble(capabilities: .init(rawValue: capabilities), infoHash: infoHash)
    }

    /// Takes the handshake from `input` once all 68 bytes are there; nil, and nothing taken, before.
    ///
    /// - Throws: `PeerProtocolError` where the bytes are no BitTorrent handshake.
    public static func read(from input: inout ByteBuffer) throws(PeerProtocolError) -> Handshake? {
        guard let preamble = try peekPreamble(in: input), input.readableBytes >= byteCount else { return nil }
        input.moveReaderIndex(forwardBy: Preamble.byteCount)
        guard let peerID = input.readSHA1() else { return nil }
        return Handshake(capabilities: preamble.capabilities, infoHash: preamble.infoHash, peerID: PeerID(peerID))
    }

    private static func checkProtocolName(_ input: ByteBuffer) throws(PeerProtocolError) {
        var offset = 0
        for (byte, expected) in zip(input.readableBytesView, protocolName) {
            guard byte == expected else {
                throw PeerProtocolError(
                    .notBitTorrent,
                    in: "handshake",
                    at: offset,
                    expected: "byte \(expected)",
                    found: "\(byte)"
                )
            }
            offset += 1
        }
    }
}

extension ByteBuffer {
    /// Takes 20 bytes; nil, and nothing taken, where there are fewer.
    mutating func readSHA1() -> SHA1Digest? {
        guard let bytes = readSlice(length: SHA1Digest.byteCount) else { return nil }
        return SHA1Digest(bytes.readableBytesView)
    }
}

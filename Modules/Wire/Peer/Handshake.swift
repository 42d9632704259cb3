// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheCrypto

/// The 68 bytes that begin a connection (BEP 3).
package struct Handshake: Hashable, Sendable {
    /// The size of a handshake in bytes.
    package static let byteCount = 68

    /// The protocol extensions that the sender supports.
    package var capabilities: Capabilities
    /// The torrent's v1 info-hash, or its v2 info-hash truncated to 20 bytes.
    package var infoHash: SHA1Digest
    /// The sender's peer id.
    package var peerID: PeerID

    /// Creates a handshake.
    package init(capabilities: Capabilities, infoHash: SHA1Digest, peerID: PeerID) {
        self.capabilities = capabilities
        self.infoHash = infoHash
        self.peerID = peerID
    }

    /// The reserved bytes, most significant first.
    package struct Capabilities: OptionSet, Hashable, Sendable {
        /// All 64 bits, including unknown ones.
        package let rawValue: UInt64

        /// Creates capabilities from the bits on the wire.
        package init(rawValue: UInt64) { self.rawValue = rawValue }

        /// Runs a DHT node, and sends its port with `port` (BEP 5).
        package static let dht = Self(rawValue: 0x01)
        /// Supports `haveAll`, `haveNone`, `suggest`, `reject` and `allowedFast` (BEP 6).
        package static let fast = Self(rawValue: 0x04)
        /// Has the v2 metadata of this hybrid torrent too. A reply with the v2 info-hash upgrades the connection to v2
        /// (BEP 52).
        package static let v2Upgrade = Self(rawValue: 0x10)
        /// Supports extended messages (BEP 10).
        package static let extended = Self(rawValue: 0x10_0000)
    }

    /// Appends the 68 bytes to `out`.
    package func encode(into out: inout ByteBuffer) {
        preamble.encode(into: &out)
        encodePeerID(into: &out)
    }

    /// Appends the last 20 bytes to `out`, for a connection on which the preamble alone was sent.
    package func encodePeerID(into out: inout ByteBuffer) {
        peerID.bytes.withUnsafeBytes { _ = out.writeBytes($0) }
    }

    /// What comes before the peer id.
    package var preamble: Preamble { Preamble(capabilities: capabilities, infoHash: infoHash) }

    /// The length byte, then the name.
    static let protocolName: [UInt8] = [19] + Array("BitTorrent protocol".utf8)
}

// MARK: - Parsing

/// The handshake stays in the caller's buffer until all of it has arrived. The caller keeps these bytes, at most 67,
/// and what follows them for the framer.
extension Handshake {
    /// The part of a handshake before the peer id: enough to find the torrent and to reply.
    package struct Preamble: Hashable, Sendable {
        /// The size of a preamble in bytes.
        package static let byteCount = 48
        /// See `Handshake`.
        package var capabilities: Capabilities
        /// See `Handshake`.
        package var infoHash: SHA1Digest

        /// Creates a preamble.
        package init(capabilities: Capabilities, infoHash: SHA1Digest) {
            self.capabilities = capabilities
            self.infoHash = infoHash
        }

        /// Appends the 48 bytes to `out`.
        package func encode(into out: inout ByteBuffer) {
            out.writeBytes(protocolName)
            out.writeInteger(capabilities.rawValue)
            infoHash.withUnsafeBytes { _ = out.writeBytes($0) }
        }
    }

    /// Returns the capabilities and info-hash, without consuming them; nil until 48 bytes have arrived.
    ///
    /// - Throws: `PeerProtocolError` with the code `.notBitTorrent` at the first byte that differs from the protocol
    ///   name. A single byte can thus reveal another protocol, or an encrypted connection.
    package static func peekPreamble(in input: ByteBuffer) throws(PeerProtocolError) -> Preamble? {
        try checkProtocolName(input)
        var input = input
        guard input.readableBytes >= Preamble.byteCount else { return nil }
        input.moveReaderIndex(forwardBy: protocolName.count)
        guard let capabilities = input.readInteger(as: UInt64.self), let infoHash = input.readSHA1() else { return nil }
        return Preamble(capabilities: .init(rawValue: capabilities), infoHash: infoHash)
    }

    /// Consumes and returns the handshake; nil until all 68 bytes have arrived, without consuming any.
    ///
    /// - Throws: `PeerProtocolError` with the code `.notBitTorrent`.
    package static func read(from input: inout ByteBuffer) throws(PeerProtocolError) -> Handshake? {
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
    /// Consumes and returns 20 bytes; nil if there are fewer, without consuming any.
    mutating func readSHA1() -> SHA1Digest? {
        guard let bytes = readSlice(length: SHA1Digest.byteCount) else { return nil }
        return SHA1Digest(bytes.readableBytesView)
    }
}

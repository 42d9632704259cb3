// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// The payload of extended message 0, in which a peer announces its extensions (BEP 10). Every field is optional.
package struct ExtendedHandshake: Hashable, Sendable {
    /// The id of the extended handshake.
    package static let id: UInt8 = 0

    /// `m`: the id under which the sender wants to receive each extension's messages. 0 disables an extension. A later
    /// handshake lists only changes.
    package var extensions: [ExtensionName: UInt8] = [:]
    /// `v`: the client's name and version.
    package var client: String?
    /// `p`: the TCP port on which the sender accepts connections.
    package var listenPort: UInt16?
    /// `reqq`: the number of requests that the sender queues before it drops any.
    package var requestQueueDepth: Int?
    /// `yourip`: the receiver's address as the sender sees it.
    package var yourAddress: IPAddress?
    /// `ipv4`: the sender's IPv4 address.
    package var ipv4: IPAddress?
    /// `ipv6`: the sender's IPv6 address.
    package var ipv6: IPAddress?
    /// `metadata_size`: the size of the info dictionary in bytes (BEP 9). Not checked: the sender may send any integer.
    package var metadataByteCount: Int?
    /// `upload_only`: the sender will not download, whether or not it is complete (BEP 21).
    package var isUploadOnly: Bool?
    /// `complete_ago`: seconds since the sender became a seed, or negative if it never was (a libtorrent extension).
    package var completeAgoSeconds: Int?
    /// `e`: the sender prefers encrypted connections.
    package var prefersEncryption: Bool?

    /// Creates a handshake without any fields.
    package init() {}
}

// MARK: - Parsing

extension ExtendedHandshake {
    /// Parses a payload. Fields of the wrong type or size count as missing.
    ///
    /// - Throws: `PeerProtocolError` with the code `.badEncoding` if the payload is not a bencoded dictionary.
    package init(parsing payload: ByteBuffer, limits: PeerLimits = .init()) throws(PeerProtocolError) {
        let root = try PeerBencode.dictionary(payload, in: "extended handshake").root
        extensions = Self.extensions(root["m"], limits)
        client = root["v"]?.string.map { String(decoding: $0.prefix(limits.clientNameByteCount), as: UTF8.self) }
        listenPort = root["p"]?.integer.flatMap(UInt16.init(exactly:)).flatMap { $0 > 0 ? $0 : nil }
        requestQueueDepth = root["reqq"]?.integer.flatMap(Int.init(exactly:)).flatMap { $0 > 0 ? $0 : nil }
        yourAddress = root["yourip"]?.string.flatMap(IPAddress.init(compact:))
        ipv4 = root["ipv4"]?.string.flatMap(IPAddress.init(compact:)).flatMap { $0.isIPv4 ? $0 : nil }
        ipv6 = root["ipv6"]?.string.flatMap(IPAddress.init(compact:)).flatMap { $0.isIPv4 ? nil : $0 }
        metadataByteCount = root["metadata_size"]?.integer.flatMap(Int.init(exactly:))
        isUploadOnly = root["upload_only"]?.integer.map { $0 != 0 }
        completeAgoSeconds = root["complete_ago"]?.integer.flatMap(Int.init(exactly:))
        prefersEncryption = root["e"]?.integer.map { $0 != 0 }
    }

    private static func extensions(_ names: BencodeView?, _ limits: PeerLimits) -> [ExtensionName: UInt8] {
        var extensions: [ExtensionName: UInt8] = [:]
        guard let entries = names?.entries else { return extensions }
        for (key, value) in entries {
            guard extensions.count < limits.extensionCount else { break }
            guard key.count <= limits.extensionNameByteCount, let text = String(validating: key, as: UTF8.self),
                let id = value.integer.flatMap(UInt8.init(exactly:)), extensions[ExtensionName(text)] == nil
            else { continue }
            extensions[ExtensionName(text)] = id
        }
        return extensions
    }
}

// MARK: - Encoding

extension ExtendedHandshake {
    /// Returns the payload to send with id 0.
    package func encoded() -> ByteBuffer {
        var encoder = BencodeEncoder()
        encoder.dictionary { dictionary in
            dictionary.entry("complete_ago", completeAgoSeconds)
            dictionary.entry("e", prefersEncryption.map { $0 ? 1 : 0 })
            dictionary.entry("ipv4", ipv4?.compactBytes)
            dictionary.entry("ipv6", ipv6?.compactBytes)
            dictionary.key("m")
            encodeExtensions(into: &dictionary)
            dictionary.entry("metadata_size", metadataByteCount)
            dictionary.entry("p", listenPort)
            dictionary.entry("reqq", requestQueueDepth)
            dictionary.entry("upload_only", isUploadOnly.map { $0 ? 1 : 0 })
            dictionary.entry("v", client)
            dictionary.entry("yourip", yourAddress?.compactBytes)
        }
        return ByteBuffer(bytes: encoder.bytes)
    }

    private func encodeExtensions(into encoder: inout BencodeEncoder) {
        let sorted = extensions.sorted { $0.key.rawValue.utf8.lexicographicallyPrecedes($1.key.rawValue.utf8) }
        encoder.dictionary { dictionary in
            for (name, id) in sorted { dictionary.entry(name.rawValue, id) }
        }
    }
}

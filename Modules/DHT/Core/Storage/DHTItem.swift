// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheWire

/// A value that the DHT stores (BEP 44): immutable, found by the hash of its bytes; or mutable, found by its author's
/// key and replaced by whatever the author signs with a higher sequence number.
public struct DHTItem: Hashable, Sendable {
    /// Maximum size of a value, as bencode: 1,000 bytes.
    public static let valueByteCount = 1_000
    /// Maximum size of a salt: 64 bytes.
    public static let saltByteCount = 64

    /// The author of a mutable item, and the proof that the value is theirs.
    public struct Author: Hashable, Sendable {
        /// The key that verifies the signature.
        public let key: Ed25519.PublicKey
        /// Distinguishes the items of one key; may be empty.
        public let salt: [UInt8]
        /// Increases with every version.
        public let sequence: Int64
        /// The signature of salt, sequence number and value.
        public let signature: Ed25519.Signature

        /// Takes an author's proof as received; nothing is checked.
        package init(key: Ed25519.PublicKey, salt: [UInt8], sequence: Int64, signature: Ed25519.Signature) {
            self.key = key
            self.salt = salt
            self.sequence = sequence
            self.signature = signature
        }
    }

    /// The value's exact bencode.
    public let value: [UInt8]
    /// Nil for an immutable item.
    public internal(set) var author: Author?

    init(unchecked value: [UInt8], author: Author? = nil) {
        self.value = value
        self.author = author
    }

    /// Creates an immutable item.
    ///
    /// - Throws: `DHTError` with the code `.valueTooBig`.
    public init(_ value: BencodeValue) throws(DHTError) {
        self.init(unchecked: value.encoded)
        try checkSize()
    }

    /// Creates and signs a mutable item.
    ///
    /// - Parameters:
    /// - salt: distinguishes the items of one key; at most `saltByteCount` bytes.
    /// - sequence: must be at least 0, and higher than that of the version it replaces.
    /// - Throws: `DHTError` with the code `.valueTooBig`, or `.unfitItem` for the salt or the sequence number.
    public init(
        _ value: BencodeValue,
        by author: Ed25519.PrivateKey,
        salt: [UInt8] = [],
        sequence: Int64
    ) throws(DHTError) {
        let bytes = value.encoded
        let signature = author.signature(for: Self.signedBytes(value: bytes, salt: salt, sequence: sequence))
        let proof = Author(key: author.publicKey, salt: salt, sequence: sequence, signature: signature)
        self.init(unchecked: bytes, author: proof)
        try checkSize()
    }

    /// Creates an item from its stored parts, for example to republish it without the author's private key.
    ///
    /// - Throws: `DHTError` with the code `.valueTooBig`, or `.unfitItem` if the value is not bencode or the signature
    ///   is invalid.
    package init(encodedValue: [UInt8], author: Author?) throws(DHTError) {
        self.init(unchecked: encodedValue, author: author)
        try checkSize()
        guard decoded != nil, isGenuine else { throw DHTError(.unfitItem, "value or signature is not valid") }
    }

    /// The value as a tree; nil if it contains an integer of more than 64 bits.
    public var decoded: BencodeValue? {
        (try? BencodeDocument(value, rules: .message)).flatMap { BencodeValue($0.root) }
    }

    /// Where the item is stored: the hash of its value, or of its author's key and salt.
    public var target: NodeID {
        guard let author else { return NodeID(SHA1.hash(value)) }
        return Self.target(of: author.key, salt: author.salt)
    }

    /// Returns where the mutable item of `key` with `salt` is stored.
    public static func target(of key: Ed25519.PublicKey, salt: [UInt8] = []) -> NodeID {
        NodeID(SHA1.hash(key.bytes + salt))
    }

    /// Whether the author's signature is valid. True for immutable items.
    package var isGenuine: Bool {
        guard let author else { return true }
        let signed = Self.signedBytes(value: value, salt: author.salt, sequence: author.sequence)
        return Ed25519.isValid(author.signature, for: signed, by: author.key)
    }

    /// Returns what an author signs (BEP 44, "Signature Verification").
    static func signedBytes(value: [UInt8], salt: [UInt8], sequence: Int64) -> [UInt8] {
        let start: [UInt8] = salt.isEmpty ? [] : Array("4:salt\(salt.count):".utf8) + salt
        return start + Array("3:seqi\(sequence)e1:v".utf8) + value
    }

    private func checkSize() throws(DHTError) {
        guard value.count <= Self.valueByteCount else {
            throw DHTError(.valueTooBig, "\(value.count) bytes; the maximum is \(Self.valueByteCount)")
        }
        guard let author else { return }
        guard author.salt.count <= Self.saltByteCount, author.sequence >= 0 else {
            throw DHTError(.unfitItem, "the salt is longer than \(Self.saltByteCount) bytes, or the sequence negative")
        }
    }
}

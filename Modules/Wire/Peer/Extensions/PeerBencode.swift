// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Bencode in extended messages: decoded leniently, with small limits.
enum PeerBencode {
    /// Decodes `payload`, whose root must be a dictionary.
    static func dictionary(
        _ payload: ByteBuffer,
        in message: String,
        rules: BencodeRules = .message
    ) throws(PeerProtocolError) -> BencodeDocument {
        let document: BencodeDocument
        do { document = try BencodeDocument(payload, rules: rules) } catch {
            throw PeerProtocolError(error, in: message)
        }
        guard document.root.kind == .dictionary else {
            throw PeerProtocolError(.badEncoding, in: message, expected: "a dictionary", found: "\(document.root.kind)")
        }
        return document
    }
}

extension BencodeView {
    /// Returns the integer at `key`, which must be in `allowed`.
    func integer(
        _ key: StaticString,
        in allowed: ClosedRange<Int>,
        of message: String
    ) throws(PeerProtocolError) -> Int {
        guard let view = self[key], let integer = view.integer else {
            let found = self[key].map { "\($0.kind)" } ?? "nothing"
            throw PeerProtocolError(.badField, in: "\(message) \(key)", expected: "an integer", found: found)
        }
        guard let value = Int(exactly: integer), allowed.contains(value) else {
            let offset = view.range.lowerBound
            throw PeerProtocolError(
                .badValue,
                in: "\(message) \(key)",
                at: offset,
                expected: "\(allowed)",
                found: "\(integer)"
            )
        }
        return value
    }
}

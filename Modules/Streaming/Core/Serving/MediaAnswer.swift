// SPDX-License-Identifier: Apache-2.0

/// How a request is answered: a status, header fields, and the part of a file that follows.
package struct MediaAnswer: Hashable, Sendable {
    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    /// Bytes of a file, which a response to GET carries.
    package struct Body: Hashable, Sendable {
        package var file: Int
        package var range: Range<Int>

        package init(file: Int, range: Range<Int>) {
            self.file = file
            self.range = range
        }
    }

    package var status: Int
    package var fields: [Field]
    /// Nil if the response has no content.
    package var body: Body?
    /// The connection ends with this response, because what follows on it cannot be trusted.
    package var isLast = false

    /// Returns the first value of a header.
    package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    init(_ status: Int, byteCount: Int = 0, _ fields: [(String, String)] = []) {
        self.status = status
        self.fields = (Self.always + [("Content-Length", "\(byteCount)")] + fields).map { Field(name: $0, value: $1) }
    }

    /// Other sites must not embed what is served, browsers must neither guess what it is nor keep it, and its URL must
    /// not leak. There is no `Access-Control-Allow-Origin`: no other site reads anything.
    private static let always = [
        ("Cache-Control", "no-store"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
    ]
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// The files that a media server offers, and all its decisions: which URL a file has, and how a request is answered.
///
/// A URL's path is `/TOKEN/FILE/NAME`. The token cannot be guessed, so other programs, users and web pages cannot
/// request what the server's user was not told. The name is for the player's title bar, and is not compared.
package struct MediaShelf: Sendable {
    /// A file on offer.
    package struct File: Hashable, Sendable {
        package let path: String
        package let byteCount: Int

        package init(path: String, byteCount: Int) {
            self.path = path
            self.byteCount = byteCount
        }
    }

    /// Random bytes in a URL.
    package static let tokenByteCount = 16

    private let token: [UInt8]
    private let port: UInt16
    /// The name of the content, which changes whenever a byte of it does.
    private let contentName: String
    private let files: [Int: File]

    /// - Parameters:
    ///   - files: By number.
    ///   - contentName: The info-hash, in hexadecimal.
    ///   - token: The secret part of every URL, `tokenByteCount` bytes.
    ///   - port: The server's port.
    package init(_ files: [Int: File], contentName: String, token: [UInt8], port: UInt16) {
        self.files = files
        self.contentName = contentName
        self.token = Array(Hex.encode(token).utf8)
        self.port = port
    }

    /// Returns the URL of file `number`, which is called `path`.
    package func url(of number: Int, _ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return "http://127.0.0.1:\(port)/\(String(decoding: token, as: UTF8.self))/\(number)/\(Self.encoded(name))"
    }

    /// Returns the length of file `number`; nil if there is no such file.
    package func byteCount(of number: Int) -> Int? { files[number]?.byteCount }

    /// Decides how `request` is answered.
    package func answer(_ request: MediaRequest) -> MediaAnswer {
        // A body might be read as the next request.
        guard request.host.count == 1, !request.hasBody else { return refusal(400, isLast: true) }
        guard LoopbackName.matches(request.host[0], port: port) else { return refusal(421, isLast: true) }
        guard let (number, file) = find(request.target) else { return refusal(404) }
        switch request.method {
        case "GET": return content(of: number, file, request)
        // Ranges are defined for GET only (RFC 9110, section 14.2).
        case "HEAD": return MediaAnswer(200, byteCount: file.byteCount, fields(of: number, file))
        default: return MediaAnswer(405, [("Allow", "GET, HEAD")])
        }
    }

    private func content(of number: Int, _ file: File, _ request: MediaRequest) -> MediaAnswer {
        var answer: MediaAnswer
        let fields = fields(of: number, file)
        switch wanted(request, of: number, file) {
        case .whole:
            answer = MediaAnswer(200, byteCount: file.byteCount, fields)
            answer.body = MediaAnswer.Body(file: number, range: 0..<file.byteCount)
        case .part(let range):
            let place = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.byteCount)"
            answer = MediaAnswer(206, byteCount: range.count, fields + [("Content-Range", place)])
            answer.body = MediaAnswer.Body(file: number, range: range)
        case .unsatisfiable:
            return MediaAnswer(416, [("Content-Range", "bytes */\(file.byteCount)")])
        }
        return answer
    }

    /// A range under a condition that is not met becomes the whole file (RFC 9110, section 13.1.5). A date never is the
    /// validator of a file, because none is sent.
    private func wanted(_ request: MediaRequest, of number: Int, _ file: File) -> ByteRangeRequest {
        guard request.ifRange.allSatisfy({ $0 == tag(of: number) }) else { return .whole }
        return ByteRangeRequest(request.range, byteCount: file.byteCount)
    }

    private func fields(of number: Int, _ file: File) -> [(String, String)] {
        [("Content-Type", MediaType.of(file.path)), ("Accept-Ranges", "bytes"), ("ETag", tag(of: number))]
    }

    /// A strong entity tag: content with this info-hash never changes.
    private func tag(of number: Int) -> String { "\"\(contentName)-\(number)\"" }

    private func refusal(_ status: Int, isLast: Bool = false) -> MediaAnswer {
        var answer = MediaAnswer(status)
        answer.isLast = isLast
        return answer
    }

    private func find(_ target: String) -> (Int, File)? {
        let parts = target.utf8.prefix { $0 != UInt8(ascii: "?") }
            .split(separator: UInt8(ascii: "/"), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty, ConstantTime.areEqual(Array(parts[1]), token),
            let number = Int(String(decoding: parts[2], as: UTF8.self)), let file = files[number]
        else { return nil }
        return (number, file)
    }

    /// Percent-encodes all but unreserved characters (RFC 3986, section 2.3).
    private static func encoded(_ name: String) -> String {
        name.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            let isUnreserved = byte < 0x80 && (character.isLetter || character.isNumber || "-._~".contains(character))
            return isUnreserved ? String(character) : "%" + Hex.encode([byte]).uppercased()
        }.joined()
    }
}

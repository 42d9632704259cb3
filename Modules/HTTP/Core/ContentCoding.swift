// SPDX-License-Identifier: Apache-2.0

/// How a body is compressed (RFC 9110, section 8.4.1).
enum ContentCoding: Hashable {
    case identity
    case gzip
    /// The zlib format, or bare deflate, as some servers have it.
    case deflate
    /// One that we did not ask for, or several.
    case unknown(String)
}

extension ResponseHead {
    /// By its `Content-Encoding`; `x-gzip` is `gzip`.
    var contentCoding: ContentCoding {
        let codings = members(of: "content-encoding").filter { $0 != "identity" }
        switch codings {
        case []: return .identity
        case ["gzip"], ["x-gzip"]: return .gzip
        case ["deflate"]: return .deflate
        default: return .unknown(codings.joined(separator: ", "))
        }
    }
}

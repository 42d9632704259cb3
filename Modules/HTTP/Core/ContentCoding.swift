// SPDX-License-Identifier: Apache-2.0

/// How a body is compressed (RFC 9110, section 8.4.1).
enum ContentCoding: Hashable {
    case identity
    case gzip
    /// The zlib format, or raw deflate, which some servers send instead.
    case deflate
    /// A coding that we did not ask for, or several.
    case unknown(String)
}

extension ResponseHead {
    /// The coding that `Content-Encoding` names; `x-gzip` is `gzip`.
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

// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// A GET request, and how to carry it out.
package struct HTTPRequest: Hashable, Sendable {
    /// The value of the `User-Agent` field; the same version as in the peer id's prefix.
    package static let userAgent = "Ruche/0.1.0"

    /// What to get.
    package var url: ServiceURL
    /// What the request is for; decides which addresses and redirects are allowed.
    package var purpose: HTTPPurpose
    /// The byte range to get (RFC 9110, section 14); nil for the whole resource.
    package var range: Range<Int>?
    /// Whether the body may be compressed; `HTTPAnswer.collect` decompresses it. Not for ranges.
    package var takesCompressed = false
    /// Whether the request may use a kept connection, and leave its connection for another request.
    package var keepsConnection = true
    /// Whether further requests go directly to the URL that this one was redirected to.
    package var remembersRedirects = false
    /// Whether the response must be complete within `HTTPLimits.answerTimeout`. Set it to false for bodies of any
    /// length; then only pauses are limited, to `HTTPLimits.silenceTimeout`.
    package var hasDeadline = true
    /// The address family to dial; nil for either.
    package var family: IPFamily?
    /// The host's addresses, if they have been resolved already.
    package var addresses: [IPAddress]?

    /// A request for the whole of `url`.
    package init(_ url: ServiceURL, for purpose: HTTPPurpose) {
        self.url = url
        self.purpose = purpose
    }

    /// Encodes the request for the server at `url`, which differs from `self.url` after a redirect.
    func encoded(to url: ServiceURL) -> [UInt8] {
        let target = url.target.hasPrefix("/") ? url.target : "/\(url.target)"
        var lines = [
            "GET \(target) HTTP/1.1", "Host: \(url.authority)", "User-Agent: \(Self.userAgent)", "Accept: */*",
            "Accept-Encoding: \(takesCompressed && range == nil ? "gzip" : "identity")",
        ]
        if let range, !range.isEmpty { lines.append("Range: bytes=\(range.lowerBound)-\(range.upperBound - 1)") }
        if let credentials = url.credentials {
            lines.append("Authorization: Basic \(BasicCredentials.encode(credentials))")
        }
        lines.append("Connection: \(keepsConnection ? "keep-alive" : "close")")
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}

/// An address family.
package enum IPFamily: Hashable, Sendable {
    case ipv4, ipv6

    package init(of address: IPAddress) { self = address.isIPv4 ? .ipv4 : .ipv6 }
}

// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// A GET, and how it may be carried out.
public struct HTTPRequest: Hashable, Sendable {
    /// How we present ourselves; the same version as in the peer id's prefix.
    package static let userAgent = "Ruche/0.1.0"

    /// What to get.
    public var url: ServiceURL
    /// What it is for: decides which addresses and redirects are allowed.
    public var purpose: HTTPPurpose
    /// The bytes wanted (RFC 9110, section 14); nil for all.
    public var range: Range<Int>?
    /// The body may come compressed, which `HTTPAnswer.collect` undoes. Not for ranges.
    public var takesCompressed = false
    /// The connection may be kept for another request, and may be one that was kept.
    public var keepsConnection = true
    /// Where a server has redirected to once, further requests go at once.
    public var remembersRedirects = false
    /// The answer must be over within `HTTPLimits.answerTimeout`. Off for bodies of any length, which may only never pause
    /// for longer than `HTTPLimits.silenceTimeout`.
    public var hasDeadline = true
    /// Only addresses of this family are dialled; nil for any.
    package var family: IPFamily?
    /// The host's addresses, where they have been looked up already.
    package var addresses: [IPAddress]?

    /// A request for the whole of `url`.
    public init(_ url: ServiceURL, for purpose: HTTPPurpose) {
        self.url = url
        self.purpose = purpose
    }

    /// The bytes that go to the server at `url`, which may be another than `self.url`.
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

// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What a URL is for, which decides what a request to it may do on this machine and in its network.
///
/// A torrent's author chooses its trackers and web seeds. Servers on this machine or in its network are useful and
/// therefore allowed, but the author must not be able to trigger actions of other local services.
package enum HTTPPurpose: Hashable, Sendable {
    /// Announces and scrapes.
    case tracker
    /// Byte ranges of files.
    case webSeed
    /// A URL that the user chose.
    case unrestricted

    /// - Throws: `.unfitURL` if `url`, at `addresses`, must not be requested for this purpose.
    func check(_ url: ServiceURL, at addresses: [IPAddress]) throws(HTTPError) {
        switch self {
        case .unrestricted: break
        case .tracker: try Self.checkTracker(url, addresses)
        case .webSeed: try Self.checkWebSeed(url, addresses)
        }
    }

    /// - Throws: `.unfitURL` if `origin`, at `originAddresses`, must not redirect to `url`, at `addresses`: from a
    ///   public network into a private one, or from TLS to plain HTTP.
    func checkRedirect(
        from origin: ServiceURL,
        at originAddresses: [IPAddress],
        to url: ServiceURL,
        at addresses: [IPAddress]
    ) throws(HTTPError) {
        guard url.scheme == .https || (url.scheme == .http && origin.scheme == .http) else {
            throw HTTPError(.unfitURL, "\(origin) must not redirect to \(url)")
        }
        let isInward = addresses.contains(where: \.isPrivate) && !originAddresses.contains(where: \.isPrivate)
        guard self == .unrestricted || !isInward else {
            throw HTTPError(.unfitURL, "\(origin) must not redirect into a private network, to \(url)")
        }
    }

    /// Over HTTP to this machine, only a tracker's paths are allowed.
    private static func checkTracker(_ url: ServiceURL, _ addresses: [IPAddress]) throws(HTTPError) {
        guard url.scheme != .udp, addresses.contains(where: \.isThisMachine) else { return }
        let path = url.target.prefix { $0 != "?" }
        // Dots and escapes could make a lenient server leave the path.
        let isTricky = path.contains("..") || path.contains("%") || path.contains("\\")
        guard path.hasPrefix("/announce") || path.hasPrefix("/scrape"), !isTricky else {
            throw HTTPError(.unfitURL, "a tracker on this machine must be at /announce, not at \(url)")
        }
    }

    /// A path only names a file; a query can trigger an action.
    private static func checkWebSeed(_ url: ServiceURL, _ addresses: [IPAddress]) throws(HTTPError) {
        guard url.scheme != .udp else { throw HTTPError(.unfitURL, "expected http or https in \(url)") }
        guard url.target.contains("?"), addresses.contains(where: \.isPrivate) else { return }
        throw HTTPError(.unfitURL, "a web seed in a private network must have no query, as \(url) has")
    }
}

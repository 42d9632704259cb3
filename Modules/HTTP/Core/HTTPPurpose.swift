// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What a URL is for, and so what asking it may do in this machine's neighbourhood.
///
/// A torrent's author chooses its trackers and web seeds. Those on this machine or in its network are of use, so they are
/// allowed; but the author must not press the buttons of another local service.
public enum HTTPPurpose: Hashable, Sendable {
    /// Announces and scrapes.
    case tracker
    /// Stretches of files.
    case webSeed
    /// A URL that the user has chosen.
    case unrestricted

    /// - Throws: `.unfitURL` where `url`, at `addresses`, must not be asked for this purpose.
    func check(_ url: ServiceURL, at addresses: [IPAddress]) throws(HTTPFailure) {
        switch self {
        case .unrestricted: break
        case .tracker: try Self.checkTracker(url, addresses)
        case .webSeed: try Self.checkWebSeed(url, addresses)
        }
    }

    /// - Throws: `.unfitURL` where `origin`, at `originAddresses`, must not redirect to `url`, at `addresses`: from the
    ///   network at large into a private one, or from TLS to plain HTTP.
    func checkRedirect(
        from origin: ServiceURL,
        at originAddresses: [IPAddress],
        to url: ServiceURL,
        at addresses: [IPAddress]
    ) throws(HTTPFailure) {
        guard url.scheme == .https || (url.scheme == .http && origin.scheme == .http) else {
            throw HTTPFailure(.unfitURL, "\(origin) must not redirect to \(url)")
        }
        let isInward = addresses.contains(where: \.isPrivate) && !originAddresses.contains(where: \.isPrivate)
        guard self == .unrestricted || !isInward else {
            throw HTTPFailure(.unfitURL, "\(origin) must not redirect into a private network, to \(url)")
        }
    }

    /// HTTP to this machine reaches only paths that are a tracker's.
    private static func checkTracker(_ url: ServiceURL, _ addresses: [IPAddress]) throws(HTTPFailure) {
        guard url.scheme != .udp, addresses.contains(where: \.isThisMachine) else { return }
        let path = url.target.prefix { $0 != "?" }
        // Dots and escapes could lead a lenient server back out of the path.
        let isTricky = path.contains("..") || path.contains("%") || path.contains("\\")
        guard path.hasPrefix("/announce") || path.hasPrefix("/scrape"), !isTricky else {
            throw HTTPFailure(.unfitURL, "a tracker on this machine must be at /announce, not at \(url)")
        }
    }

    /// A path alone names a file; a query may do anything.
    private static func checkWebSeed(_ url: ServiceURL, _ addresses: [IPAddress]) throws(HTTPFailure) {
        guard url.scheme != .udp else { throw HTTPFailure(.unfitURL, "expected http or https in \(url)") }
        guard url.target.contains("?"), addresses.contains(where: \.isPrivate) else { return }
        throw HTTPFailure(.unfitURL, "a web seed in a private network must have no query, as \(url) has")
    }
}

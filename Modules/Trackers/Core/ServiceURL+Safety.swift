// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

// A torrent's author chooses its announce URLs, and so what this machine asks of its own neighbourhood. Trackers on the
// same machine are of use, so they are not forbidden; but whoever writes a torrent can't have us press the buttons of
// another local service.
extension ServiceURL {
    /// Throws `.unfitURL` where HTTP to `addresses` would reach this machine at a path that is no tracker's.
    func check(reaching addresses: [IPAddress]) throws(TrackerFailure) {
        guard scheme != .udp, addresses.contains(where: { $0.isLoopback || $0.isUnspecified }) else { return }
        let plain = path.prefix { $0 != "?" }
        // Dots and escapes could lead a lenient server back out of the path.
        let isTricky = plain.contains("..") || plain.contains("%") || plain.contains("\\")
        guard plain.hasPrefix("/announce") || plain.hasPrefix("/scrape"), !isTricky else {
            throw TrackerFailure(.unfitURL, "a tracker on this machine must be at /announce, not at \(text)")
        }
    }

    /// Throws `.unfitURL` where a web seed's URL would have `addresses`, in a private network, do more than send a file: a
    /// path alone names one, a query may do anything.
    func checkWebSeed(reaching addresses: [IPAddress]) throws(TrackerFailure) {
        guard scheme != .udp else { throw TrackerFailure(.unfitURL, "expected http or https in \(text)") }
        guard path.contains("?"), addresses.contains(where: \.isPrivate) else { return }
        throw TrackerFailure(.unfitURL, "a web seed in a private network must have no query, as \(text) has")
    }

    /// Throws `.unfitURL` where a tracker at `origin` must not redirect to this URL: see `checkWay` and `check`.
    func checkRedirect(
        from origin: ServiceURL,
        at originAddresses: [IPAddress],
        reaching addresses: [IPAddress]
    ) throws(TrackerFailure) {
        try checkWay(from: origin, at: originAddresses, to: addresses)
        try check(reaching: addresses)
    }

    /// Throws `.unfitURL` where this URL, to which one at `origin` redirects, leads from the network at large into a
    /// private one, or from TLS to plain HTTP.
    func checkWay(
        from origin: ServiceURL,
        at originAddresses: [IPAddress],
        to addresses: [IPAddress]
    ) throws(TrackerFailure) {
        guard scheme == .https || (scheme == .http && origin.scheme == .http) else {
            throw TrackerFailure(.unfitURL, "\(origin.text) must not redirect to \(text)")
        }
        let isInward = addresses.contains(where: \.isPrivate) && !originAddresses.contains(where: \.isPrivate)
        guard !isInward else {
            throw TrackerFailure(.unfitURL, "\(origin.text) must not redirect into a private network, to \(text)")
        }
    }
}

extension IPAddress {
    /// This machine, or a network that isn't reached from everywhere: RFC 1918, RFC 3927, RFC 6598, RFC 4193, RFC 4291.
    fileprivate var isPrivate: Bool {
        if isLoopback || isUnspecified { return true }
        guard isIPv4 else { return high >> 57 == 0xfc >> 1 || high >> 54 == 0xfe80 >> 6 }
        return low >> 24 == 10 || low >> 24 == 0 || low >> 20 == 0xac1 || low >> 16 == 0xc0a8
            || low >> 16 == 0xa9fe || low >> 22 == 0x6440 >> 6
    }
}

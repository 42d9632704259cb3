// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheWire

/// The destination of a redirect.
struct Redirect: Hashable, Sendable {
    /// The URL that answered.
    let target: ServiceURL
    /// The address of the server that redirected first; it decides which targets are allowed.
    let origin: [IPAddress]
}

/// Remembers where servers redirect to, so that not every range of a file is redirected again.
///
/// Owner: `HTTPClient`.
struct RedirectMemory {
    private let limit: Int
    private var targets: [ServiceURL: Redirect] = [:]
    private var order: Deque<ServiceURL> = []

    /// Keeps at most `limit` redirects; the oldest is forgotten first.
    init(limit: Int) { self.limit = max(1, limit) }

    /// Where the last request for `url` ended, if it was redirected.
    func redirect(from url: ServiceURL) -> Redirect? { targets[url] }

    /// Records where a request for `url` ended.
    mutating func handleAnswer(_ redirect: Redirect, from url: ServiceURL) {
        if targets.updateValue(redirect, forKey: url) == nil { order.append(url) }
        if order.count > limit, let oldest = order.popFirst() { targets[oldest] = nil }
    }

    /// Forgets the redirect from `url`, which no longer leads to a good response.
    mutating func forget(_ url: ServiceURL) {
        guard targets.removeValue(forKey: url) != nil else { return }
        order.removeAll { $0 == url }
    }
}

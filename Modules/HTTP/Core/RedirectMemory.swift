// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheWire

/// Where a URL leads.
struct Redirect: Hashable, Sendable {
    /// The URL that answered.
    let target: ServiceURL
    /// The address that redirected first: what the target may be depends on it.
    let origin: [IPAddress]
}

/// Where servers have redirected to, so that each of a file's ranges need not ask again.
///
/// Owner: `HTTPClient`.
struct RedirectMemory {
    private let limit: Int
    private var targets: [ServiceURL: Redirect] = [:]
    private var order: Deque<ServiceURL> = []

    /// The oldest gives way to one that is too many.
    init(limit: Int) { self.limit = max(1, limit) }

    /// Where a request for `url` ended last.
    func redirect(from url: ServiceURL) -> Redirect? { targets[url] }

    /// A request for `url` was answered elsewhere.
    mutating func handleAnswer(_ redirect: Redirect, from url: ServiceURL) {
        if targets.updateValue(redirect, forKey: url) == nil { order.append(url) }
        if order.count > limit, let oldest = order.popFirst() { targets[oldest] = nil }
    }

    /// What is remembered of `url` led to no good answer.
    mutating func forget(_ url: ServiceURL) {
        guard targets.removeValue(forKey: url) != nil else { return }
        order.removeAll { $0 == url }
    }
}

// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Resolves host names.
package protocol HostResolver: Sendable {
    /// Returns the distinct addresses of `name` in order of preference; empty if it has none.
    ///
    /// A literal address, without brackets, resolves to itself.
    ///
    /// - Throws: `.exhausted` if the lookup cannot be made now for lack of a descriptor, thread or place; `.timeout` if
    ///   there is no answer within `limit`. Neither says anything about the name.
    func addresses(of name: String, within limit: Interval) async throws(TransportError) -> [IPAddress]
}

/// The system's resolver, with the system's settings. It does not honour `LocalBinding`.
package struct SystemResolver: HostResolver {
    /// All instances share one limited set of lookups: see `TransportLimits.lookups`.
    package init() {}

    /// Asks the system. Occupies a thread until the system answers.
    ///
    /// - Throws: `.exhausted` or `.timeout`, as every resolver does.
    package func addresses(of name: String, within limit: Interval) async throws(TransportError) -> [IPAddress] {
        try await NameLookup.shared.addresses(of: name, within: limit)
    }
}

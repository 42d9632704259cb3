// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// A resolver that asks the system's name servers by a local binding.
package struct BoundResolver: HostResolver {
    /// One limited set of lookups for each binding of the process.
    private static let lookups = Locked<[LocalBinding: NameLookup]>([:])

    private let lookup: NameLookup

    /// Creates a resolver whose questions leave by `binding`.
    package init(_ binding: LocalBinding) {
        lookup = Self.lookups.withLock { lookups in
            if let known = lookups[binding] { return known }
            let new = NameLookup(limits: TransportLimits(), resolve: BoundNames(binding).resolve)
            lookups[binding] = new
            return new
        }
    }

    /// Asks name servers. Occupies a thread meanwhile.
    ///
    /// - Throws: `.exhausted` or `.timeout`, as every resolver does.
    package func addresses(of name: String, within limit: Interval) async throws(TransportError) -> [IPAddress] {
        try await lookup.addresses(of: name, within: limit)
    }
}

extension LocalBinding {
    /// Resolves names without going around a proxy, an interface or an address.
    package var resolver: any HostResolver {
        if proxy != nil { return ProxyNames.shared }
        let isBound = interface != nil || addresses.contains { !$0.isLoopback }
        return isBound ? BoundResolver(self) as any HostResolver : SystemResolver()
    }
}

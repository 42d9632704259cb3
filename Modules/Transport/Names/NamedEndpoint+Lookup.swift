// SPDX-License-Identifier: Apache-2.0

public import RucheWire

extension NamedEndpoint {
    /// Resolves the host with the system's resolver, or over `binding` if it is bound to an interface or address, and
    /// returns the endpoints in the order of preference. An address, with or without brackets, resolves to itself. Empty
    /// if the name is unknown, there is no answer within 20 seconds, or only a proxy may resolve it.
    ///
    /// While the system lacks resources, such as descriptors, the lookup is retried until the task is cancelled.
    public func lookUp(over binding: LocalBinding = LocalBinding()) async -> [PeerEndpoint] {
        guard binding.proxy == nil || endpoint != nil else { return [] }
        return await lookUp(by: binding.resolver, limits: TransportLimits())
    }

    /// As `lookUp(over:)`, but a name that only a proxy may resolve gets a stand-in (see `ProxyNames`). The caller uses it to
    /// send through that proxy, and tells it to nobody.
    package func lookUpOrStandIn(over binding: LocalBinding) async -> [PeerEndpoint] {
        await lookUp(by: binding.resolver, limits: TransportLimits())
    }

    func lookUp(by resolver: some HostResolver, limits: TransportLimits) async -> [PeerEndpoint] {
        let name = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        while !Task.isCancelled {
            do throws(TransportError) {
                let addresses = try await resolver.addresses(of: name, within: limits.lookupTimeout)
                return addresses.map { PeerEndpoint(address: $0, port: port) }
            } catch {
                guard error.code == .exhausted else { return [] }
                try? await Task.sleep(nanoseconds: UInt64(max(0, limits.lookupPause.nanoseconds)))
            }
        }
        return []
    }
}

// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Asks the system for the addresses of hosts' names.
public enum HostLookup {
    /// Where `host` is reached, in the system's order of preference; `port` is put in. An address in text, with or
    /// without brackets, is itself. Empty where the name is not known, or nobody answers within
    /// `TransportLimits.lookupTimeout`.
    ///
    /// While the system cannot be asked, as no descriptor is left, it is asked again, until the task is cancelled.
    public static func endpoints(host: String, port: UInt16) async -> [PeerEndpoint] {
        await endpoints(host: host, port: port, resolver: SystemResolver(), limits: TransportLimits())
    }

    static func endpoints(
        host: String,
        port: UInt16,
        resolver: some HostResolver,
        limits: TransportLimits
    ) async -> [PeerEndpoint] {
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

// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Asks the system for the addresses of hosts' names.
public enum HostLookup {
    /// Where `host` is reached, in the system's order of preference; `port` is put in. An address in text, with or
    /// without brackets, is itself. Empty where the name is not known, or nobody answers within
    /// `TransportLimits.lookupTimeout`.
    public static func endpoints(host: String, port: UInt16) async -> [PeerEndpoint] {
        let name = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let addresses = await SystemResolver().addresses(of: name, within: TransportLimits().lookupTimeout)
        return addresses.map { PeerEndpoint(address: $0, port: port) }
    }
}

// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// An HTTP URL of a device in the local network. Its host is an IPv4 address, so nothing is resolved.
package struct DeviceURL: Hashable, Sendable {
    package let endpoint: PeerEndpoint
    /// The path and query: printable ASCII that starts with a slash.
    package let target: String

    /// Returns nil for anything but `http://ADDRESS[:PORT][/PATH]` of at most 1,024 bytes.
    package init?(_ text: some StringProtocol) {
        let scheme = "http://"
        guard text.utf8.count <= 1_024, text.prefix(scheme.count).lowercased() == scheme else { return nil }
        let rest = text.dropFirst(scheme.count).prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest[authority.endIndex...]
        let place = authority.contains(":") ? String(authority) : "\(authority):80"
        guard let endpoint = PeerEndpoint(place), endpoint.address.isIPv4 else { return nil }
        self.init(endpoint: endpoint, target: target.hasPrefix("/") ? String(target) : "/\(target)")
    }

    private init?(endpoint: PeerEndpoint, target: String) {
        guard target.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        self.endpoint = endpoint
        self.target = target
    }

    /// Resolves `reference` in a document found here; nil if it is on another host, because a device's description must
    /// not redirect us. Another port of the same host is allowed.
    package func resolving(_ reference: String) -> DeviceURL? {
        guard !reference.isEmpty, reference.utf8.count <= 1_024, !reference.hasPrefix("//") else { return nil }
        if reference.contains("://"), !reference.hasPrefix("/") {
            guard let url = DeviceURL(reference), url.endpoint.address == endpoint.address else { return nil }
            return url
        }
        guard !reference.hasPrefix("/") else { return DeviceURL(endpoint: endpoint, target: reference) }
        let path = target.prefix { $0 != "?" }
        let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
        return DeviceURL(endpoint: endpoint, target: folder + reference)
    }
}

// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// The parts of the system's settings for names that a resolver of ours follows.
package enum NameSettings {
    /// Name servers that are asked.
    private static let serverLimit = 3
    private static let port: UInt16 = 53

    /// Returns the first three name servers of a `resolv.conf`.
    package static func servers(in text: String) -> [PeerEndpoint] {
        let found = text.split(whereSeparator: \.isNewline).compactMap { line -> PeerEndpoint? in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, words[0] == "nameserver" else { return nil }
            return IPAddress(words[1]).map { PeerEndpoint(address: $0, port: port) }
        }
        return Array(found.prefix(serverLimit))
    }

    /// Returns the addresses of `name` in a `hosts` file.
    package static func addresses(of name: String, inHosts text: String) -> [IPAddress] {
        let name = name.lowercased()
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, words.dropFirst().contains(where: { $0.lowercased() == name }) else { return nil }
            return IPAddress(words[0])
        }
    }
}

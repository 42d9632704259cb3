// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// A tracker's URL: `udp://tracker.example:6969`, `https://tracker.example/announce`.
struct TrackerAddress: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard ServiceAddress.isFit(argument, schemes: ["udp", "http", "https"]) else { return nil }
        text = argument
    }
}

/// The URL of a web server that has a torrent's files: `https://files.example/share/`.
struct WebSeedAddress: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard ServiceAddress.isFit(argument, schemes: ["http", "https"]) else { return nil }
        text = argument
    }
}

private enum ServiceAddress {
    /// Whether `text` is a URL of one of `schemes` with a host, and with a port if its scheme has no default port.
    static func isFit(_ text: String, schemes: Set<String>) -> Bool {
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), let url = URLComponents(string: text) else {
            return false
        }
        guard let scheme = url.scheme?.lowercased(), schemes.contains(scheme), let host = url.host, !host.isEmpty else {
            return false
        }
        guard let port = url.port else { return scheme != "udp" }
        return (1...65_535).contains(port)
    }
}

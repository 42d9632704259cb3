// SPDX-License-Identifier: Apache-2.0

/// A service of a router that maps ports (WANIPConnection 1 and 2, WANPPPConnection 1).
package struct MappingService: Hashable, Sendable {
    /// The service's full type, which its actions repeat.
    package let type: String
    /// The URL to which its actions are posted.
    package let control: DeviceURL

    /// The known types, in order of preference.
    static let types = [
        "urn:schemas-upnp-org:service:WANIPConnection:2",
        "urn:schemas-upnp-org:service:WANIPConnection:1",
        "urn:schemas-upnp-org:service:WANPPPConnection:1",
    ]

    /// Returns the services in the description of the device at `url`, in order of preference. Services whose control
    /// URL is on another host are ignored.
    ///
    /// - Throws: `.malformed`, or `.unsupported` if there is no such service.
    package static func services(
        in document: [UInt8],
        at url: DeviceURL,
        limits: PortMappingLimits
    ) throws(PortMappingError) -> [MappingService] {
        let root: XMLElement
        do { root = try XMLReader.read(document, limits: limits) } catch {
            throw PortMappingError(.malformed, "the description at \(url.endpoint): \(error)")
        }
        let base = root.child("URLBase").map(\.text).flatMap { $0.isEmpty ? url : url.resolving($0) } ?? url
        var found: [MappingService] = []
        collect(from: root, base, into: &found)
        guard !found.isEmpty else {
            throw PortMappingError(.unsupported, "the device at \(url.endpoint) maps no ports")
        }
        let order = found.indices.sorted { (rank(found[$0]), $0) < (rank(found[$1]), $1) }
        return order.map { found[$0] }
    }

    private static func collect(from element: XMLElement, _ base: DeviceURL, into found: inout [MappingService]) {
        if element.name == "service", let type = element.child("serviceType")?.text, types.contains(type),
            let control = element.child("controlURL").flatMap({ base.resolving($0.text) })
        {
            found.append(MappingService(type: type, control: control))
        }
        for child in element.children { collect(from: child, base, into: &found) }
    }

    private static func rank(_ service: MappingService) -> Int { types.firstIndex(of: service.type) ?? types.count }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The extensions of a session, in the order in which they were added.
struct SessionExtensions {
    /// Names that the engine uses itself.
    private static let ownNames: Set<ExtensionName> = [.metadata, .peerExchange, .dontHave, .uploadOnly, .holepunch]
    /// Peers read only a limited number of names in a handshake, ours included.
    static let limit = 24

    private(set) var all: [any SessionExtension] = []
    private var isClosed = false

    /// Adds an extension, or returns the existing one with its name.
    mutating func insert(_ new: any SessionExtension) throws(ExtensionError) -> any SessionExtension {
        let name = new.kind.name
        guard !isClosed else { throw ExtensionError(.sessionEnded, name, "the session has been shut down") }
        guard 1...PeerLimits().extensionNameByteCount ~= name.rawValue.utf8.count else {
            throw ExtensionError(.badName, name, "the name is empty or too long")
        }
        guard !Self.ownNames.contains(name) else {
            throw ExtensionError(.nameTaken, name, "the engine uses this name itself")
        }
        if let known = all.first(where: { $0.kind.name == name }) { return known }
        guard all.count < Self.limit else {
            throw ExtensionError(.limit, name, "the session has \(Self.limit) extensions already")
        }
        all.append(new)
        return new
    }

    /// Refuses further extensions, and returns the existing ones.
    mutating func close() -> [any SessionExtension] {
        isClosed = true
        return all
    }
}

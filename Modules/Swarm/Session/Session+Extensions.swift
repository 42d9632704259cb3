// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheTransport
package import RucheWire
internal import Synchronization

extension Session {
    /// Adds an app's own messages between peers to all torrents of the session, present and future ones. They last
    /// until the session is shut down.
    ///
    ///     let messages = try session.extend(with: Greeting.self)
    ///     for await report in messages.reports { print(report.torrent.hashes, report.report) }
    ///
    /// Peers that are already connected are told about it. Each torrent has a value of the extension while it is
    /// active; the app must keep whatever outlives that. Returns the same object if the session already has the
    /// extension.
    ///
    /// - Throws: `ExtensionError` if another extension has its name, or the session has been shut down.
    public func extend<Extension: PeerExtension>(
        with type: Extension.Type
    ) throws(ExtensionError) -> ExtensionMessages<Extension> {
        let new = ExtensionMessages<Extension>()
        let known = try services.extensions.withLock { extensions throws(ExtensionError) in try extensions.insert(new) }
        guard let messages = known as? ExtensionMessages<Extension> else {
            throw ExtensionError(.nameTaken, type.name, "the session has another extension of this name")
        }
        // A torrent that wakes meanwhile finds it in the list.
        if messages === new { for torrent in torrents { torrent.attach(messages) } }
        return messages
    }
}

extension Torrent {
    /// Adds an extension to an active torrent.
    fileprivate func attach(_ addition: any SessionExtension) {
        let driver = state.withLock { state -> SwarmDriver? in
            switch state.form {
            case .waking(let life), .awake(let life), .dozing(let life): life.driver
            case .dormant, .ended: nil
            }
        }
        guard let driver else { return }
        let reader = addition.makeReader(for: self)
        driver.loop.execute {
            driver.attach(addition.kind, reader)
            driver.drain()
        }
    }
}

extension SwarmDriver {
    /// Adds an extension, on the loop or before the driver is shared. Does nothing if it has been added.
    package func attach(_ kind: ExtensionKind, _ reader: @escaping @Sendable (any Sendable) -> Void) {
        guard extensionReaders[kind.name] == nil else { return }
        extensionReaders[kind.name] = reader
        tell { $0.attach(kind, in: &$1) }
    }

    /// Sends a command to an extension. Returns whether there is one with that name.
    package func handleCommand(_ command: any Sendable, to name: ExtensionName) -> Bool {
        loop.assertInEventLoop()
        guard extensionReaders[name] != nil else { return false }
        tell { $0.handleCommand(command, to: name, in: &$1) }
        drain()
        return true
    }
}

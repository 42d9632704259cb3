// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
public import RucheSwarm
public import RucheWire

/// An app's own messages on the virtual network.
extension VirtualPeer {
    /// Adds an extension, for this life of the peer and those after. `onReport` is called with what it reports.
    public func extend<Extension: PeerExtension>(
        with type: Extension.Type,
        onReport: @escaping (Extension.Report) -> Void = { _ in }
    ) {
        guard extensionReaders[type.name] == nil else { return }
        let kind = ExtensionKind(type)
        extensionKinds.append(kind)
        extensionReaders[type.name] = { report in
            if let report = report as? Extension.Report { onReport(report) }
        }
        tell { $0.attach(kind, in: &$1) }
        drain()
    }

    /// Sends a command to an extension of this peer, as an app does.
    public func send<Extension: PeerExtension>(_ command: Extension.Command, to type: Extension.Type) {
        tell { $0.handleCommand(command, to: type.name, in: &$1) }
        drain()
    }

    /// Sends any bytes as a message of the extension to all peers that use it, past the extension and its limits: what a
    /// hostile peer can do.
    public func sendRaw(_ bytes: [UInt8], as name: ExtensionName) {
        for socket in sockets {
            guard let slot = socket.slot, let id = core.remoteID(of: name, at: slot) else { continue }
            socket.enqueue(.extended(id: id, payload: ByteBuffer(bytes: bytes)))
            markDirty(socket)
        }
        drain()
    }
}

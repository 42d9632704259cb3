// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The ids under which a peer wants extended messages (BEP 10); 0 if it does not support them.
///
/// Owner: `ConnectedPeer`. Memory: `PeerLimits.extensionCount` names. Names that mean nothing to us are kept too, because
/// an extension may be added while the peer is connected.
struct RemoteExtensions {
    var metadata: UInt8 = 0
    var dontHave: UInt8 = 0
    var uploadOnly: UInt8 = 0
    /// The handshake has arrived.
    private(set) var areKnown = false
    /// Messages of our extensions wait for the peer.
    var hasBacklog = false
    private var others: [ExtensionName: UInt8] = [:]

    /// The id for an extension that has no field here.
    subscript(name: ExtensionName) -> UInt8 { others[name] ?? 0 }

    /// Records the names in a handshake; later handshakes contain only changes.
    mutating func learn(_ ids: [ExtensionName: UInt8]) {
        areKnown = true
        metadata = ids[.metadata] ?? metadata
        dontHave = ids[.dontHave] ?? dontHave
        uploadOnly = ids[.uploadOnly] ?? uploadOnly
        // In order, so that the same names are kept in each run if there are too many.
        for (name, id) in ids.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            switch name {
            case .metadata, .dontHave, .uploadOnly: continue
            default:
                if id == 0 {
                    others[name] = nil
                } else if others.count < PeerLimits().extensionCount || others[name] != nil {
                    others[name] = id
                }
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The ids under which we want to receive our own extended messages. Those of added extensions follow, as
/// `ExtensionTable` assigns them.
enum OwnExtension: UInt8, CaseIterable {
    case metadata = 1
    case peerExchange = 2
    case dontHave = 3
    case uploadOnly = 4
    case holePunching = 5

    var name: ExtensionName {
        switch self {
        case .metadata: .metadata
        case .peerExchange: .peerExchange
        case .dontHave: .dontHave
        case .uploadOnly: .uploadOnly
        case .holePunching: .holepunch
        }
    }

    /// Whether its messages are handled by an extension of the table, if that is in use.
    var isHosted: Bool { self == .peerExchange || self == .holePunching }
}

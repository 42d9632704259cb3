// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension TransportError: LocalizedError {
    /// What went wrong, in a sentence for users.
    public var errorDescription: String? { "Cannot \(message): \(cause)." }

    /// What the user can do about it.
    public var recoverySuggestion: String? {
        switch code {
        case .portInUse: "Choose another port, or quit the other program."
        case .localBinding: "Choose an address or interface that this machine has."
        case .permission: "Choose a port of 1024 or above, or request permission to use this one."
        case .exhausted: "Close other programs, or allow more open files."
        default: nil
        }
    }

    private var cause: String {
        switch code {
        case .refused: "nothing is listening there"
        case .timeout: "there was no answer in time"
        case .unreachable: "that address cannot be reached"
        case .closed: "the other side closed the connection"
        case .encryptionRequired: "one side requires encryption and the other does not offer it"
        case .encryptionFailed: "encryption failed"
        case .notBitTorrent: "the other side does not speak BitTorrent"
        case .limit: "too many are waiting"
        case .exhausted: "too many files and connections are open"
        case .portInUse: "another program is using this port"
        case .localBinding: "this machine has no such address or interface"
        case .permission: "access is refused"
        case .proxy: "the proxy does not allow it"
        case .blocked: "the address is blocked"
        case .stopped: "it was closed"
        default: "the system reports an error"
        }
    }
}

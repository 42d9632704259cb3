// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
public import Foundation
#endif

/// Why no port was mapped.
package struct PortMappingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error. The set is open: switch with a default.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        package let description: String

        /// This machine has no default route, so there is no router to ask.
        package static let noGateway = Self(description: "no gateway")
        /// The router answers none of the protocols.
        package static let unanswered = Self(description: "unanswered")
        /// The router does not allow mappings.
        package static let refused = Self(description: "refused")
        /// The router is out of ports, memory or addresses.
        package static let exhausted = Self(description: "exhausted")
        /// Another machine has the external port.
        package static let conflict = Self(description: "conflict")
        /// A response is invalid or too long.
        package static let malformed = Self(description: "malformed answer")
        /// The router does not support the protocol, or this part of it.
        package static let unsupported = Self(description: "unsupported")
    }

    /// The kind of error.
    package let code: Code
    /// What was requested or expected, and what came.
    package let message: String

    /// Creates an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message in one line, for logs.
    package var description: String { "\(code): \(message)" }
}

extension PortMappingError: LocalizedError {
    /// What went wrong, in a sentence for users.
    package var errorDescription: String? {
        let reason =
            switch code {
            case .noGateway: "this machine has no default route"
            case .unanswered: "the router answers none of PCP, NAT-PMP and UPnP"
            case .refused: "the router refuses it"
            case .exhausted: "the router cannot hold another mapping"
            case .conflict: "another machine uses the port"
            case .malformed: "the router's response is invalid"
            case .unsupported: "the router does not support it"
            default: "of an error"
            }
        return "No port could be mapped, because \(reason)."
    }

    /// What the user can do about it.
    package var recoverySuggestion: String? {
        switch code {
        case .unanswered, .refused, .unsupported:
            "Turn on UPnP or NAT-PMP in the router's settings, or forward the port there by hand."
        case .conflict: "Choose another port."
        default: nil
        }
    }
}

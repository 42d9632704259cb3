// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RucheWire

/// What everything is bound to: `192.0.2.1`, `2001:db8::1`, or an interface such as `wg0`.
enum BindAddress: ExpressibleByArgument {
    case address(IPAddress)
    case interface(String)

    init?(argument: String) {
        if let address = IPAddress(argument) {
            guard !address.isUnspecified else { return nil }
            self = .address(address)
        } else {
            guard !argument.isEmpty, argument.utf8.count < 16, !argument.contains("/") else { return nil }
            self = .interface(argument)
        }
    }
}

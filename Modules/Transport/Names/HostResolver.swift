// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Finds the addresses of hosts' names.
public protocol HostResolver: Sendable {
    /// The addresses of `name`, in order of preference, each once; empty where there are none or `limit` passes first.
    ///
    /// An address in text, without brackets, is itself.
    func addresses(of name: String, within limit: Interval) async -> [IPAddress]
}

/// The system's own resolver, with the system's own settings; it knows nothing of `LocalBinding`.
public struct SystemResolver: HostResolver {
    /// All of these share one bounded set of questions: see `TransportLimits.lookups`.
    public init() {}

    /// Asks the system, which takes a thread until it answers.
    public func addresses(of name: String, within limit: Interval) async -> [IPAddress] {
        await NameLookup.shared.addresses(of: name, within: limit)
    }
}

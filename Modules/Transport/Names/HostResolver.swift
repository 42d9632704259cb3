// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Finds the addresses of hosts' names.
public protocol HostResolver: Sendable {
    /// The addresses of `name`, in order of preference, each once; empty where the name has none.
    ///
    /// An address in text, without brackets, is itself.
    ///
    /// - Throws: `.exhausted` where nobody can be asked now, as there is no descriptor, thread or place left; `.timeout` where
    ///   nobody answers within `limit`. Neither says anything about the name.
    func addresses(of name: String, within limit: Interval) async throws(TransportError) -> [IPAddress]
}

/// The system's own resolver, with the system's own settings; it knows nothing of `LocalBinding`.
public struct SystemResolver: HostResolver {
    /// All of these share one bounded set of questions: see `TransportLimits.lookups`.
    public init() {}

    /// Asks the system, which takes a thread until it answers.
    ///
    /// - Throws: `.exhausted` or `.timeout`, as every resolver does.
    public func addresses(of name: String, within limit: Interval) async throws(TransportError) -> [IPAddress] {
        try await NameLookup.shared.addresses(of: name, within: limit)
    }
}

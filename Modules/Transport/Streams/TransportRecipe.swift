// SPDX-License-Identifier: Apache-2.0

/// How a session makes a transport of some kind.
public struct TransportRecipe: Sendable {
    /// What a transport is made of.
    public struct Context: Sendable {
        /// Loops and limits.
        public let runtime: TransportRuntime
        /// Addresses or interface to dial from and listen on.
        public let binding: LocalBinding
        /// The session's port; 0 lets the system choose.
        public let port: UInt16
        /// The session's UDP port; nil unless the recipe `usesDatagrams`.
        public let datagrams: (any DatagramPort)?

        /// What a session has.
        public init(
            runtime: TransportRuntime,
            binding: LocalBinding,
            port: UInt16,
            datagrams: (any DatagramPort)? = nil
        ) {
            self.runtime = runtime
            self.binding = binding
            self.port = port
            self.datagrams = datagrams
        }
    }

    /// The kind.
    public let kind: TransportKind
    /// Whether it runs over the session's UDP port. Such a transport is made last, when that port is known.
    public let usesDatagrams: Bool
    /// Makes the transport.
    let make: @Sendable (Context) throws(TransportError) -> any PeerTransport

    /// A recipe for transports of `kind`.
    public init(
        _ kind: TransportKind,
        usesDatagrams: Bool = false,
        make: @escaping @Sendable (Context) throws(TransportError) -> any PeerTransport
    ) {
        self.kind = kind
        self.usesDatagrams = usesDatagrams
        self.make = make
    }

    /// Makes the transport that a session with `context` uses.
    ///
    /// - Throws: `TransportError`, whatever the transport's own kind of trouble is.
    public func makeTransport(_ context: Context) throws(TransportError) -> any PeerTransport { try make(context) }

    /// Peers over TCP.
    public static let tcp = Self(.tcp) {
        TCPTransport(.init(binding: $0.binding, port: $0.port), runtime: $0.runtime)
    }

    /// Peers over uTP (BEP 29), on the session's UDP port.
    public static let utp = Self(.utp, usesDatagrams: true) { context throws(TransportError) in
        guard let port = context.datagrams else { throw TransportError(.localBinding, "uTP needs the UDP port") }
        return UTPTransport(on: port, limits: context.runtime.limits.utp)
    }

    /// What a session uses unless it is told otherwise, in order of preference.
    public static let standard = [tcp]
}

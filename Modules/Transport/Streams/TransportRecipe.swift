// SPDX-License-Identifier: Apache-2.0

/// How a session creates a transport of some kind.
public struct TransportRecipe: Sendable {
    /// What a session provides to a transport.
    public struct Context: Sendable {
        /// The loops and limits.
        public let runtime: TransportRuntime
        /// The addresses or interface to dial from and listen on.
        public let binding: LocalBinding
        /// The session's port; 0 lets the system choose.
        public let port: UInt16
        /// The session's UDP port; nil unless the recipe `usesDatagrams`.
        public let datagrams: (any DatagramPort)?

        /// Collects what a session provides.
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
    /// Whether the transport runs over the session's UDP port. Such a transport is created last, when that port is
    /// known.
    public let usesDatagrams: Bool
    /// Whether everything that the transport dials goes through the binding's proxy. With a proxy, a session uses only such
    /// transports.
    public let usesProxy: Bool
    /// Creates the transport.
    let make: @Sendable (Context) throws(TransportError) -> any PeerTransport

    /// Creates a recipe for transports of `kind`.
    public init(
        _ kind: TransportKind,
        usesDatagrams: Bool = false,
        usesProxy: Bool = false,
        make: @escaping @Sendable (Context) throws(TransportError) -> any PeerTransport
    ) {
        self.kind = kind
        self.usesDatagrams = usesDatagrams
        self.usesProxy = usesProxy
        self.make = make
    }

    /// Creates the transport of a session with `context`.
    ///
    /// - Throws: `TransportError`, with any code that the transport uses.
    public func makeTransport(_ context: Context) throws(TransportError) -> any PeerTransport { try make(context) }

    /// TCP.
    public static let tcp = Self(.tcp, usesProxy: true) {
        TCPTransport(.init(binding: $0.binding, port: $0.port), runtime: $0.runtime)
    }

    /// uTP (BEP 29) on the session's UDP port.
    public static let utp = Self(.utp, usesDatagrams: true) { context throws(TransportError) in
        guard let port = context.datagrams else { throw TransportError(.localBinding, "uTP needs the UDP port") }
        return UTPTransport(on: port, limits: context.runtime.limits.utp)
    }

    /// The transports that a session uses by default, in order of preference.
    public static let standard = [tcp]
}

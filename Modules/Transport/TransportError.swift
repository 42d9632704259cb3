// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Why a socket could not be had, or did not live.
public struct TransportError: Error, Hashable, CustomStringConvertible {
    /// What went wrong; new codes may come, so switch with a default.
    public var code: Code
    /// What was tried, for logs.
    public var message: String
    /// The system's error number, where it gave one.
    public var systemError: Int32?

    /// An open set of codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private let name: String
        private init(_ name: String) { self.name = name }

        /// The other side answered that nobody listens there.
        public static let refused = Code("refused")
        /// No answer in time.
        public static let timeout = Code("timeout")
        /// No way to that address.
        public static let unreachable = Code("unreachable")
        /// The other side hung up.
        public static let closed = Code("closed")
        /// Encryption is required and the other side does not offer it, or the other way round.
        public static let encryptionRequired = Code("encryptionRequired")
        /// The other side's encryption handshake made no sense.
        public static let encryptionFailed = Code("encryptionFailed")
        /// What came is no BitTorrent handshake.
        public static let notBitTorrent = Code("notBitTorrent")
        /// A limit of `TransportLimits` is reached.
        public static let limit = Code("limit")
        /// The local address, port or interface asked for is not to be had.
        public static let localBinding = Code("localBinding")
        /// We closed it ourselves.
        public static let stopped = Code("stopped")
        /// Anything else that the system reported.
        public static let system = Code("system")

        /// The code by its name.
        public var description: String { name }
    }

    /// An error by its parts.
    public init(_ code: Code, _ message: String, systemError: Int32? = nil) {
        self.code = code
        self.message = message
        self.systemError = systemError
    }

    /// Code, what was tried, and the system's number.
    public var description: String {
        "\(code): \(message)" + (systemError.map { " (errno \($0))" } ?? "")
    }
}

extension TransportError {
    /// The system's latest error number, while `action` was tried.
    init(errno number: Int32, _ action: String) {
        self.init(Self.code(errno: number), action, systemError: number)
    }

    /// Any error as one of ours.
    init(_ error: any Error, _ action: String) {
        switch error {
        case let ours as TransportError: self = ours
        case let system as IOError: self.init(errno: system.errnoCode, action)
        case ChannelError.connectTimeout: self.init(.timeout, action)
        case ChannelError.eof, ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed: self.init(.closed, action)
        case is EventLoopError: self.init(.stopped, action)
        default: self.init(.system, "\(action): \(error)")
        }
    }

    /// Whether the system has no addresses of the family asked for, such as IPv6 where it is turned off.
    var isMissingFamily: Bool { systemError == EAFNOSUPPORT || systemError == EADDRNOTAVAIL }

    private static func code(errno number: Int32) -> Code {
        switch number {
        case ECONNREFUSED: .refused
        case ETIMEDOUT: .timeout
        case EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN, EAFNOSUPPORT: .unreachable
        case ECONNRESET, EPIPE, ECONNABORTED, ENOTCONN: .closed
        case EADDRINUSE, EADDRNOTAVAIL, ENODEV: .localBinding
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: .limit
        default: .system
        }
    }
}

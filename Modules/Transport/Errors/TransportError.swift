// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Why a socket could not be opened, or broke.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The other side answered that nobody listens there.
        public static let refused = Self(description: "refused")
        /// No answer in time.
        public static let timeout = Self(description: "timeout")
        /// No way to that address.
        public static let unreachable = Self(description: "unreachable")
        /// The other side hung up.
        public static let closed = Self(description: "closed")
        /// Encryption is required and the other side does not offer it, or the other way round.
        public static let encryptionRequired = Self(description: "encryption required")
        /// The other side's encryption handshake made no sense.
        public static let encryptionFailed = Self(description: "encryption failed")
        /// What came is no BitTorrent handshake.
        public static let notBitTorrent = Self(description: "not BitTorrent")
        /// A limit of `TransportLimits` is reached.
        public static let limit = Self(description: "limit reached")
        /// The program or the system has no descriptor, buffer or memory left; it passes.
        public static let exhausted = Self(description: "exhausted")
        /// Another program has the port.
        public static let portInUse = Self(description: "port in use")
        /// The local address or interface that was asked for does not exist, or does not fit.
        public static let localBinding = Self(description: "local binding")
        /// The system does not let us, such as for a port below 1024.
        public static let permission = Self(description: "access refused")
        /// We closed it ourselves.
        public static let stopped = Self(description: "stopped")
        /// Anything else that the system reported.
        public static let system = Self(description: "system error")
    }

    /// The kind.
    public let code: Code
    /// What was tried, for logs.
    public let message: String
    /// The system's error number, where it gave one.
    public let systemError: Int32?

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
    /// Whether a dial failed for want of something on our side, so that it says nothing of the endpoint: no place, or no
    /// descriptor, buffer or memory left.
    package var isWantOfOurs: Bool { code == .limit || code == .exhausted }

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
        case EADDRINUSE: .portInUse
        case EADDRNOTAVAIL, ENODEV: .localBinding
        case EACCES, EPERM: .permission
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: .exhausted
        default: .system
        }
    }
}

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
    /// The kind of error. The set is open: switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The other side refused the connection: nothing listens there.
        public static let refused = Self(description: "refused")
        /// There was no answer in time.
        public static let timeout = Self(description: "timeout")
        /// The address cannot be reached.
        public static let unreachable = Self(description: "unreachable")
        /// The other side closed the connection.
        public static let closed = Self(description: "closed")
        /// One side requires encryption and the other does not offer it.
        public static let encryptionRequired = Self(description: "encryption required")
        /// The other side's encryption handshake was invalid.
        public static let encryptionFailed = Self(description: "encryption failed")
        /// The other side did not send a BitTorrent handshake.
        public static let notBitTorrent = Self(description: "not BitTorrent")
        /// A limit of `TransportLimits` is reached.
        public static let limit = Self(description: "limit reached")
        /// The process or system is out of descriptors, buffers or memory; retry later.
        public static let exhausted = Self(description: "exhausted")
        /// Another program is using the port.
        public static let portInUse = Self(description: "port in use")
        /// The requested local address or interface does not exist, or has the wrong family.
        public static let localBinding = Self(description: "local binding")
        /// The system denies permission, for example for a port below 1024.
        public static let permission = Self(description: "access refused")
        /// The proxy refuses, or does not speak its protocol.
        public static let proxy = Self(description: "proxy")
        /// The session blocks the address.
        public static let blocked = Self(description: "blocked")
        /// We closed it ourselves.
        public static let stopped = Self(description: "stopped")
        /// Any other system error.
        public static let system = Self(description: "system error")
    }

    /// The kind of error.
    public let code: Code
    /// What was attempted, for logs.
    public let message: String
    /// The system's error number, if there was one.
    public let systemError: Int32?

    /// `message` names the attempt; it follows "cannot" in messages.
    public init(_ code: Code, _ message: String, systemError: Int32? = nil) {
        self.code = code
        self.message = message
        self.systemError = systemError
    }

    /// The code, what was attempted, and the system's error number.
    public var description: String {
        "\(code): \(message)" + (systemError.map { " (errno \($0))" } ?? "")
    }
}

extension TransportError {
    /// Whether a dial failed for lack of local resources, which says nothing about the endpoint: there was no place, or
    /// no descriptor, buffer or memory left.
    package var isWantOfOurs: Bool { code == .limit || code == .exhausted }

    /// Creates an error from the system's error number after `action` failed.
    init(errno number: Int32, _ action: String) {
        self.init(Self.code(errno: number), action, systemError: number)
    }

    /// Converts any error.
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

    /// Whether the system lacks addresses of the requested family, for example because IPv6 is disabled.
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

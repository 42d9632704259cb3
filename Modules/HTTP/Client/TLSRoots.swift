// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOSSL
internal import RucheWire

/// Makes TLS handlers that validate the server's certificate and name. Reading the system's certificates is slow, so it
/// happens once, at the first `https` request.
///
/// Owner: `HTTPClient`.
final class TLSRoots: Sendable {
    private let certificates: [UInt8]?
    private let context = Locked<NIOSSLContext?>(nil)

    /// Trusts `certificates`, in PEM, instead of those of the system.
    init(certificates: [UInt8]?) { self.certificates = certificates }

    /// Blocks until the certificates are read, the first time. Do not call it on an event loop.
    func prepare() throws(HTTPError) {
        do {
            try context.withLock { context in
                if context == nil { context = try makeContext() }
            }
        } catch {
            throw HTTPError(.security, "the trusted certificates cannot be read: \(error)")
        }
    }

    /// Makes a handler; call `prepare` first. The certificate must be valid for `host`, or for the address if
    /// `isAddress`.
    func makeHandler(for host: String, isAddress: Bool) throws -> NIOSSLClientHandler {
        guard let context = context.withLock({ $0 }) else { throw HTTPError(.security, "TLS is not prepared") }
        // A trailing dot matters to the lookup, but is not part of the certificate's name.
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : name)
    }

    private func makeContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        if let certificates {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(certificates))
        }
        return try NIOSSLContext(configuration: configuration)
    }
}

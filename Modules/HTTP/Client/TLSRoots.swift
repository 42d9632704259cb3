// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// Makes TLS handlers that validate the server's certificate and name. Reading the system's certificates takes a while,
/// so it is done once, when the first `https` URL is asked.
///
/// Owner: `HTTPClient`.
final class TLSRoots: Sendable {
    private let certificates: [UInt8]?
    private let context = Mutex<NIOSSLContext?>(nil)

    /// `certificates`, in PEM, are trusted instead of the system's.
    init(certificates: [UInt8]?) { self.certificates = certificates }

    /// Blocks until the certificates are read, the first time. Not on an event loop.
    func prepare() throws(HTTPFailure) {
        do {
            try context.withLock { context in
                if context == nil { context = try makeContext() }
            }
        } catch {
            throw HTTPFailure(.security, "the trusted certificates can't be read: \(error)")
        }
    }

    /// After `prepare`. `host` is the name that the certificate must have; an address must be in it as such.
    func makeHandler(for host: String, isAddress: Bool) throws -> NIOSSLClientHandler {
        guard let context = context.withLock({ $0 }) else { throw HTTPFailure(.security, "TLS is not prepared") }
        // A dot at the end belongs to the lookup, not to the name.
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

// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

extension ListeningSocket {
    /// Ports that the system may choose for one family before one is free in the other too.
    private static let sharedPortAttempts = 8

    /// Opens one socket for each address, all on one port.
    ///
    /// If no address was requested, a family that the system lacks is skipped.
    static func open(_ options: TCPTransport.Options, backlog: Int) throws(TransportError) -> [ListeningSocket] {
        var attempt = 1
        while true {
            do throws(TransportError) {
                return try openOnce(options, backlog: backlog)
            } catch {
                guard options.port == 0, attempt < sharedPortAttempts, error.code == .portInUse else { throw error }
                attempt += 1
            }
        }
    }

    private static func openOnce(_ options: TCPTransport.Options, backlog: Int) throws(TransportError) -> [Self] {
        var sockets: [ListeningSocket] = []
        var port = options.port
        var lastError: TransportError?
        for address in options.binding.listening {
            do throws(TransportError) {
                let wanted = PeerEndpoint(address: address, port: port)
                let socket = try ListeningSocket(wanted, interface: options.binding.interface, backlog: backlog)
                port = socket.endpoint.port
                sockets.append(socket)
            } catch {
                lastError = error
                if options.binding.addresses.isEmpty, error.isMissingFamily { continue }
                for socket in sockets { Descriptor.close(socket.descriptor) }
                throw error
            }
        }
        if sockets.isEmpty, let lastError { throw lastError }
        return sockets
    }
}

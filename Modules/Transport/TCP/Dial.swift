// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheWire

/// One dial: connect, encrypt, start; and once more in plaintext where encryption failed but was not required.
struct Dial: Sendable {
    let remote: PeerEndpoint
    let infoHash: SHA1Digest
    let loop: any EventLoop
    let policy: EncryptionPolicy
    let binding: LocalBinding
    let limits: TransportLimits
    let place: ConnectionPlace
    let configure: PeerConnection.Configure

    /// On the loop.
    func run() -> EventLoopFuture<PeerConnection> {
        guard policy != .off else { return connectInPlaintext() }
        return connect().flatMap { channel in
            encrypt(channel).flatMapError { error in
                guard policy == .prefer, error is EncryptionFailure else {
                    return loop.makeFailedFuture((error as? EncryptionFailure)?.cause ?? error)
                }
                return connectInPlaintext()
            }
        }
    }

    /// The connection opened, but no encrypted stream came of it.
    private struct EncryptionFailure: Error {
        let cause: TransportError
    }

    private func connect() -> EventLoopFuture<any Channel> {
        StreamDialer(binding: binding).connect(to: remote, on: loop, timeout: limits.connectTimeout)
    }

    private func connectInPlaintext() -> EventLoopFuture<PeerConnection> {
        connect().flatMapThrowing { channel in
            let connection = connection(on: channel, isEncrypted: false)
            try connection.start(cipher: nil, received: ByteBuffer(), configure: configure)
            return connection
        }
    }

    private func encrypt(_ channel: any Channel) -> EventLoopFuture<PeerConnection> {
        let promise = loop.makePromise(of: PeerConnection.self)
        let handler = EncryptionInitiatorHandler(
            infoHash: infoHash,
            offering: policy.methods,
            timeout: limits.encryptionTimeout
        ) { result in
            switch result {
            case .failure(let cause):
                channel.close(promise: nil)
                promise.fail(EncryptionFailure(cause: cause))
            case .success(let end):
                let connection = connection(on: channel, isEncrypted: end.cipher != nil)
                promise.completeWith(
                    Result {
                        try connection.start(cipher: end.cipher, received: end.received, configure: configure)
                        return connection
                    }
                )
            }
        }
        do {
            try channel.pipeline.syncOperations.addHandler(handler)
        } catch {
            promise.fail(TransportError(error, "dial \(remote)"))
        }
        return promise.futureResult
    }

    private func connection(on channel: any Channel, isEncrypted: Bool) -> PeerConnection {
        PeerConnection(
            channel: channel,
            remote: remote,
            infoHash: infoHash,
            isEncrypted: isEncrypted,
            isIncoming: false,
            place: place
        )
    }
}

// SPDX-License-Identifier: Apache-2.0

extension MSEHandshake {
    /// What a responder waits for, with what it needs to continue.
    enum ResponderStep {
        case publicKey(Terms)
        case synchronisation(Keyed)
        case provision(Keyed)
        case pad(Agreed, length: Int)
        case initialPayload(Agreed, length: Int)

        /// The choices made when the handshake was created.
        struct Terms {
            let allowed: MSEMethods
            let preferred: MSEMethod
            let pad: [UInt8]
            let padLength: Int
            let privateKey: SecretBytes
        }

        struct Keyed {
            let terms: Terms
            let secret: SecretBytes
        }

        struct Agreed {
            let skey: SHA1Digest
            let method: MSEMethod
            /// The length of our own last pad, PadD, in bytes.
            let padLength: Int
        }
    }

    mutating func advance(_ step: ResponderStep, _ findTorrent: TorrentLookup) throws(MSEError) -> Bool {
        switch step {
        case .publicKey(let terms):
            guard let remote = input.take(MSEKeyExchange.publicKeyByteCount) else { return false }
            try handlePublicKey(remote, terms)
        case .synchronisation(let keyed):
            guard try input.skip(past: MSEKeys.synchronisation(keyed.secret).bytes) else { return false }
            state = .responder(.provision(keyed))
        case .provision(let keyed):
            guard let bytes = input.take(SHA1Digest.byteCount + 14) else { return false }
            try handleProvision(bytes, keyed, findTorrent)
        case .pad(let agreed, let length):
            guard var bytes = input.take(length + 2) else { return false }
            inbound?.apply(to: &bytes)
            try handlePayloadLength(Int(bytes.bigEndian(at: length, byteCount: 2)), agreed)
        case .initialPayload(let agreed, let length):
            guard var payload = input.take(length) else { return false }
            inbound?.apply(to: &payload)
            sendSelection(agreed)
            end(agreed.method, for: agreed.skey, initialPayload: payload)
        }
        return true
    }

    private mutating func handlePublicKey(_ remote: [UInt8], _ terms: ResponderStep.Terms) throws(MSEError) {
        guard let secret = MSEKeyExchange.sharedSecret(terms.privateKey, with: remote) else { throw .badPublicKey }
        bytesToSend += MSEKeyExchange.publicKey(of: terms.privateKey) + terms.pad
        state = .responder(.synchronisation(.init(terms: terms, secret: secret)))
    }

    private mutating func handleProvision(
        _ bytes: [UInt8],
        _ keyed: ResponderStep.Keyed,
        _ findTorrent: TorrentLookup
    ) throws(MSEError) {
        guard let masked = SHA1Digest(bytes.prefix(SHA1Digest.byteCount)) else { throw .badVerification }
        let lookupKey = MSEKeys.mask(masked, keyed.secret)
        guard let skey = findTorrent(lookupKey) else { throw .unknownTorrent(lookupKey) }
        var decrypting = MSEKeys.initiatorStream(keyed.secret, skey)
        var hidden = Array(bytes.dropFirst(SHA1Digest.byteCount))
        decrypting.apply(to: &hidden)
        guard hidden.starts(with: Self.verificationConstant) else { throw .badVerification }

        let offered = MSEMethods(rawValue: hidden.bigEndian(at: 8, byteCount: 4))
        let method = try Self.choose(from: offered, keyed.terms)
        let agreed = ResponderStep.Agreed(skey: skey, method: method, padLength: keyed.terms.padLength)
        state = .responder(.pad(agreed, length: try Self.checkedPadLength(hidden, at: 12)))
        inbound = consume decrypting
        outbound = MSEKeys.responderStream(keyed.secret, skey)
    }

    private mutating func handlePayloadLength(_ length: Int, _ agreed: ResponderStep.Agreed) throws(MSEError) {
        guard length <= MSELimits.maximumInitialPayloadLength else {
            throw .initialPayloadTooLong(length, maximum: MSELimits.maximumInitialPayloadLength)
        }
        state = .responder(.initialPayload(agreed, length: length))
    }

    private mutating func sendSelection(_ agreed: ResponderStep.Agreed) {
        var hidden = Self.verificationConstant
        hidden.appendBigEndian(agreed.method.rawValue)
        hidden.appendBigEndian(UInt16(agreed.padLength))
        hidden.append(contentsOf: repeatElement(0, count: agreed.padLength))
        outbound?.apply(to: &hidden)
        bytesToSend += hidden
    }

    private static func choose(
        from offered: MSEMethods,
        _ terms: ResponderStep.Terms
    ) throws(MSEError) -> MSEMethod {
        let common = offered.intersection(terms.allowed)
        let byPreference = [terms.preferred] + MSEMethod.allCases.reversed()
        guard let method = byPreference.first(where: { common.contains($0.asSet) }) else {
            throw .noCommonMethod(offered: offered)
        }
        return method
    }
}

// SPDX-License-Identifier: Apache-2.0

extension MSEHandshake {
    /// What an initiator waits for, with what it needs to continue.
    enum InitiatorStep {
        case publicKey(Intent)
        case verification(Synchronising)
        case selection(Wanted)
        case pad(Wanted, MSEMethod, length: Int)

        /// The choices made when the handshake was created.
        struct Intent {
            let skey: SHA1Digest
            let offered: MSEMethods
            let initialPayload: [UInt8]
            let padLength: Int
            let privateKey: SecretBytes
        }

        struct Synchronising {
            let wanted: Wanted
            /// The responder's first eight encrypted bytes: the verification constant.
            let mark: [UInt8]
        }

        struct Wanted {
            let skey: SHA1Digest
            let offered: MSEMethods
        }
    }

    mutating func advance(_ step: InitiatorStep) throws(MSEError) -> Bool {
        switch step {
        case .publicKey(let intent):
            guard let remote = input.take(MSEKeyExchange.publicKeyByteCount) else { return false }
            try handlePublicKey(remote, intent)
        case .verification(let synchronising):
            guard try input.skip(past: synchronising.mark) else { return false }
            state = .initiator(.selection(synchronising.wanted))
        case .selection(let wanted):
            guard var bytes = input.take(6) else { return false }
            inbound?.apply(to: &bytes)
            try handleSelection(bytes, wanted)
        case .pad(let wanted, let method, let length):
            guard var pad = input.take(length) else { return false }
            inbound?.apply(to: &pad)
            end(method, for: wanted.skey)
        }
        return true
    }

    private mutating func handlePublicKey(_ remote: [UInt8], _ intent: InitiatorStep.Intent) throws(MSEError) {
        guard let secret = MSEKeyExchange.sharedSecret(intent.privateKey, with: remote) else { throw .badPublicKey }
        var encrypting = MSEKeys.initiatorStream(secret, intent.skey)
        var decrypting = MSEKeys.responderStream(secret, intent.skey)

        var hidden = Self.verificationConstant
        hidden.appendBigEndian(intent.offered.rawValue)
        hidden.appendBigEndian(UInt16(intent.padLength))
        hidden.append(contentsOf: repeatElement(0, count: intent.padLength))
        hidden.appendBigEndian(UInt16(intent.initialPayload.count))
        hidden += intent.initialPayload
        encrypting.apply(to: &hidden)
        bytesToSend += MSEKeys.synchronisation(secret).bytes
        bytesToSend += MSEKeys.mask(MSEKeys.lookupKey(intent.skey), secret).bytes
        bytesToSend += hidden

        var mark = Self.verificationConstant
        decrypting.apply(to: &mark)
        inbound = consume decrypting
        outbound = consume encrypting
        let wanted = InitiatorStep.Wanted(skey: intent.skey, offered: intent.offered)
        state = .initiator(.verification(.init(wanted: wanted, mark: mark)))
    }

    private mutating func handleSelection(_ bytes: [UInt8], _ wanted: InitiatorStep.Wanted) throws(MSEError) {
        let selected = MSEMethods(rawValue: bytes.bigEndian(at: 0, byteCount: 4))
        guard let method = MSEMethod(rawValue: selected.rawValue), wanted.offered.contains(selected) else {
            throw .badSelection(selected)
        }
        let padLength = try Self.checkedPadLength(bytes, at: 4)
        state = .initiator(.pad(wanted, method, length: padLength))
    }
}

// SPDX-License-Identifier: Apache-2.0

extension MSEHandshake {
    enum State {
        case initiator(InitiatorStep)
        case responder(ResponderStep)
        case ended
    }

    /// What an initiator waits for.
    enum InitiatorStep {
        case publicKey(Intent)
        case verification(Synchronising)
        case selection(Wanted)
        case pad(Wanted, MSEMethod, length: Int)

        /// All that was decided when the handshake was made.
        struct Intent {
            let skey: SHA1Digest
            let offered: MSEMethods
            let initialPayload: [UInt8]
            let padLength: Int
            let privateKey: SecretBytes
        }

        struct Synchronising {
            let wanted: Wanted
            /// The responder's first eight bytes, as encrypted.
            let mark: [UInt8]
        }

        struct Wanted {
            let skey: SHA1Digest
            let offered: MSEMethods
        }
    }

    static var verificationConstant: [UInt8] { [UInt8](repeating: 0, count: 8) }

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

    static func checkedPadLength(_ bytes: [UInt8], at offset: Int) throws(MSEError) -> Int {
        let length = Int(bytes.bigEndian(at: offset, byteCount: 2))
        guard length <= MSELimits.maximumPadLength else {
            throw .padTooLong(length, maximum: MSELimits.maximumPadLength)
        }
        return length
    }
}

extension [UInt8] {
    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    /// The bytes must be there.
    func bigEndian(at offset: Int, byteCount: Int) -> UInt32 {
        self[offset..<offset + byteCount].reduce(0) { $0 << 8 | UInt32($1) }
    }
}

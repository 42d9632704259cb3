// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// The Diffie-Hellman exchange of MSE: a 768-bit prime, generator 2, and private keys of 160 bits.
enum MSEKeyExchange {
    static let publicKeyByteCount = 96
    static let privateKeyByteCount = 20

    /// Returns the public key to send to the peer: 2 to the power of the private key, modulo the prime.
    static func publicKey(of privateKey: SecretBytes) -> [UInt8] {
        let group = Group.shared
        let result = BigNumber()
        group.power(of: group.generator, privateKey, into: result)
        return result.makeBytes(count: publicKeyByteCount)
    }

    /// Returns the secret that both sides share. Nil for a public key with which anyone could compute it (0, 1, p-1),
    /// or that is not smaller than the prime.
    static func sharedSecret(_ privateKey: SecretBytes, with remote: [UInt8]) -> SecretBytes? {
        let group = Group.shared
        let base = BigNumber(bytes: remote)
        guard remote.count == publicKeyByteCount, group.isSane(base) else { return nil }
        let result = BigNumber()
        group.power(of: base, privateKey, into: result)
        return SecretBytes(count: publicKeyByteCount) { result.write(into: $0) }
    }
}

/// The prime, with what OpenSSL precomputes for it, once per process.
private final class Group: @unchecked Sendable {  // all is read-only after `init`
    static let shared = Group()

    let generator = BigNumber(bytes: [2])
    private let prime: BigNumber
    private let primeLessOne: BigNumber
    private let one = BigNumber(bytes: [1])
    private let montgomery: OpaquePointer

    private init() {
        let digits =
            "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
            + "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563"
        guard let bytes = Hex.decode(digits), let montgomery = BN_MONT_CTX_new(), let context = BN_CTX_new() else {
            preconditionFailure("out of memory: BN_MONT_CTX_new")
        }
        defer { BN_CTX_free(context) }
        prime = BigNumber(bytes: bytes)
        primeLessOne = BigNumber(bytes: bytes)
        BigNumber.require(BN_sub_word(primeLessOne.pointer, 1))
        BigNumber.require(BN_MONT_CTX_set(montgomery, prime.pointer, context))
        self.montgomery = montgomery
    }

    func isSane(_ publicKey: BigNumber) -> Bool {
        BN_cmp(publicKey.pointer, one.pointer) > 0 && BN_cmp(publicKey.pointer, primeLessOne.pointer) < 0
    }

    func power(of base: BigNumber, _ exponent: SecretBytes, into result: BigNumber) {
        guard let context = BN_CTX_new() else { preconditionFailure("out of memory: BN_CTX_new") }
        defer { BN_CTX_free(context) }
        let exponent = exponent.withUnsafeBytes { BigNumber(bytes: $0) }
        BN_set_flags(exponent.pointer, BN_FLG_CONSTTIME)
        BigNumber.require(
            BN_mod_exp_mont_consttime(
                result.pointer,
                base.pointer,
                exponent.pointer,
                prime.pointer,
                context,
                montgomery
            )
        )
    }
}

/// Owns a `BIGNUM`, which is wiped on deinitialisation.
private final class BigNumber {
    let pointer: OpaquePointer

    init() {
        guard let pointer = BN_new() else { preconditionFailure("out of memory: BN_new") }
        self.pointer = pointer
    }

    /// Reads a big-endian number.
    convenience init(bytes: [UInt8]) {
        self.init()
        bytes.withUnsafeBytes { read($0) }
    }

    convenience init(bytes: UnsafeRawBufferPointer) {
        self.init()
        read(bytes)
    }

    deinit { BN_clear_free(pointer) }

    func makeBytes(count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { write(into: $0) }
        return bytes
    }

    /// Writes the number to `out` in big-endian order, padded with leading zeros.
    func write(into out: UnsafeMutableRawBufferPointer) {
        let address = out.baseAddress?.assumingMemoryBound(to: UInt8.self)
        precondition(BN_bn2binpad(pointer, address, Int32(out.count)) >= 0, "number longer than its field")
    }

    private func read(_ bytes: UnsafeRawBufferPointer) {
        let address = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        precondition(BN_bin2bn(address, Int32(bytes.count), pointer) != nil, "out of memory: BN_bin2bn")
    }

    static func require(_ success: Int32) { precondition(success == 1, "out of memory in OpenSSL's BN") }
}

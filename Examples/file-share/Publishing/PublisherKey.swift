// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto

/// The file with a publisher's secret key: 64 hexadecimal digits, the seed of an Ed25519 key. Only its owner may read
/// it.
enum PublisherKey {
    /// Reads a key.
    static func read(_ path: String) throws -> Ed25519.PrivateKey {
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure("there is no key file \(path); --new-key creates one")
        }
        let text = String(decoding: try TorrentSource.readBytes(path).prefix(1_024), as: UTF8.self)
        guard let bytes = Hex.decode(text.trimmingCharacters(in: .whitespacesAndNewlines)),
            let key = try? Ed25519.PrivateKey(seed: SecretBytes(copying: bytes))
        else { throw CommandFailure("\(path) is not a key file: a key is 64 hexadecimal digits") }
        return key
    }

    /// Creates a key and its file. An existing file is not changed.
    static func make(_ path: String) throws -> Ed25519.PrivateKey {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(
                errno == EEXIST
                    ? "\(path) already exists: without --new-key, its key is used"
                    : "cannot create \(path): \(String(cString: strerror(errno)))"
            )
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var random = SystemRandomNumberGenerator()
        let key = Ed25519.PrivateKey(using: &random)
        do {
            try file.write(contentsOf: Data(key.seed.withUnsafeBytes { Hex.encode($0) + "\n" }.utf8))
            try file.synchronize()
        } catch {
            unlink(path)
            throw CommandFailure("cannot write \(path): \(error.localizedDescription)")
        }
        return key
    }
}

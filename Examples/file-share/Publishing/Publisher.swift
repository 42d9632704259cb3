// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheDHT
import RucheSwarm
import RucheWire

/// Keeps a publication in the DHT while its torrent is shared.
struct Publisher {
    /// Nodes forget an item after two hours (BEP 44).
    private static let interval = Duration.seconds(3_600)
    /// The time between two attempts while the DHT cannot be reached.
    private static let pause = Duration.seconds(5)

    private let node: DHTNode
    private let key: Ed25519.PrivateKey
    private let link: PublisherLink
    private let console: Console
    private let isJSON: Bool

    init(_ session: Session, _ key: Ed25519.PrivateKey, _ link: PublisherLink, _ console: Console, isJSON: Bool) throws
    {
        guard let node = session.dht else {
            throw CommandFailure("a session that is bound to this machine needs --dht-bootstrap to publish")
        }
        self.node = node
        self.key = key
        self.link = link
        self.console = console
        self.isJSON = isJSON
    }

    /// Publishes the torrent, and again every hour until the task is cancelled.
    func run(_ hashes: InfoHashes) async throws {
        guard let infoHash = hashes.v1 else {
            throw CommandFailure("only a torrent with a v1 info-hash can be published")
        }
        var announced: Int64?
        var failure: DHTError?
        while !Task.isCancelled {
            do throws(DHTError) {
                let publication = try await node.publish(infoHash, by: key, salt: link.salt)
                if announced != publication.sequence { announce(publication) }
                (announced, failure) = (publication.sequence, nil)
                try? await Task.sleep(for: Self.interval)
            } catch {
                if error.code == .stopped { return }
                if error.code == .unfitItem { throw error }
                if failure?.code != error.code { complain(error) }
                failure = error
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    private func announce(_ publication: Publication) {
        if isJSON {
            return console.print([
                "event": "published", "link": .string("\(link)"), "key": .string("\(link.author)"),
                "sequence": .int(Int(publication.sequence)), "infoHash": .string("\(publication.infoHash)"),
            ])
        }
        console.print("Published version \(publication.sequence). Others follow it with:")
        console.print("  file-share follow '\(link)' -o FOLDER")
    }

    private func complain(_ error: DHTError) {
        console.complain("file-share: not published yet, trying again: \(error)")
    }
}

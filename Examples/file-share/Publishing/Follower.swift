// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheDHT
import RucheSwarm
import RucheTransport
import RucheWire

/// Installs one version of a publication after another.
///
/// A version that is superseded while it is being downloaded is given up: its seeds may be gone.
struct Follower: Sendable {
    let session: Session
    let record: FollowRecord
    let options: AddOptions
    let overwrites: Bool
    let news: FollowNews
    let view: any ShareView

    private enum Event: Sendable {
        case published(Publication)
        case installed(Publication)
        case failed(any Error)
    }

    /// Follows until the task is cancelled, or, if `once`, until the latest version is installed. Returns whether it
    /// is.
    func run(_ publisher: PublisherLink, everySeconds seconds: Int, once: Bool) async throws -> Bool {
        guard let node = session.dht else {
            throw CommandFailure("a session that is bound to this machine needs --dht-bootstrap to follow a publisher")
        }
        news.looking()
        if !record.isPending, let installed = record.installed { try await share(installed) }
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let search = Task {
            let found = node.publications(
                of: publisher.author,
                salt: publisher.salt,
                after: record.latest,
                every: .seconds(Int64(seconds))
            )
            do {
                for try await publication in found { continuation.yield(.published(publication)) }
            } catch {
                continuation.yield(.failed(error))
            }
        }
        defer { search.cancel() }
        var installation: Task<Void, Never>?
        defer { installation?.cancel() }
        for await event in events {
            switch event {
            case .published(let publication):
                news.found(publication)
                installation?.cancel()
                await installation?.value
                installation = Task {
                    if let outcome = await outcome(of: publication) { continuation.yield(outcome) }
                }
            case .installed(let publication):
                news.installed(publication)
                if once { return true }
            case .failed(let error): throw error
            }
        }
        installation?.cancel()
        await installation?.value
        return false
    }

    private func outcome(of publication: Publication) async -> Event? {
        do {
            try await install(publication)
            return .installed(publication)
        } catch is CancellationError {
            return nil
        } catch {
            return .failed(error)
        }
    }
}

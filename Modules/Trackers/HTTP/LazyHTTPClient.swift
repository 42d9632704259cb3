// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// An HTTP client that is made when it is first needed, and shut down once.
///
/// Its connections live on `loop`. Owner: whoever asks a kind of server: `HTTPTrackers`, or the web seeds of a session.
final class LazyHTTPClient: Sendable {
    /// How we present ourselves; the same version as in the peer id's prefix.
    static let userAgent = "Ruche/0.1.0"

    private enum State {
        case unused
        case running(HTTPClient)
        case closed
    }

    private let loop: any EventLoop
    private let configuration: HTTPClient.Configuration
    private let state = Mutex(State.unused)

    init(loop: any EventLoop, _ configuration: HTTPClient.Configuration) {
        self.loop = loop
        self.configuration = configuration
    }

    deinit {
        // The client insists on being shut down, even where our owner forgot.
        if case .running(let client) = state.withLock({ $0 }) { client.shutdown { _ in } }
    }

    /// The client; nil after `shutdown`.
    var running: HTTPClient? {
        state.withLock { state in
            switch state {
            case .running(let client): return client
            case .closed: return nil
            case .unused:
                let client = HTTPClient(eventLoopGroupProvider: .shared(loop), configuration: configuration)
                state = .running(client)
                return client
            }
        }
    }

    /// Cancels what is under way.
    func shutdown() async {
        let last = state.withLock { state in
            let last = state
            state = .closed
            return last
        }
        if case .running(let client) = last { try? await client.shutdown() }
    }
}

extension HTTPClientResponse {
    /// Where it redirects to, if it does; we follow by ourselves, for not every way is one that we would go.
    var redirection: String? {
        switch status {
        case .movedPermanently, .found, .seeOther, .temporaryRedirect, .permanentRedirect:
            headers.first(name: "Location")
        default: nil
        }
    }
}

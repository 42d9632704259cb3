// SPDX-License-Identifier: Apache-2.0

internal import RucheTransport
internal import RucheWire

extension ConnectionPool {
    private enum RaceEvent: Sendable {
        case open(HTTPConnection)
        case failed(HTTPError)
        case headStartOver
    }

    /// Dials `addresses` as `DialRace` decides and returns the first connection that opens. The others are closed.
    func race(_ url: ServiceURL, _ addresses: [IPAddress]) async throws(HTTPError) -> HTTPConnection {
        let result = await withTaskGroup(of: RaceEvent.self) { group in
            var race = DialRace(addresses, limits: limits)
            var failure = HTTPError(.connection, "no address of \(url.host) was tried")
            var winner: HTTPConnection?
            var alarm: Instant?
            while winner == nil, failure.code != .stopped {
                while let address = race.nextAddress(at: .now) {
                    group.addTask { await self.tryToDial(url, PeerEndpoint(address: address, port: url.port)) }
                }
                if alarm == nil, let wake = race.nextWake {
                    alarm = wake
                    group.addTask { await Self.wait(until: wake) }
                }
                guard !race.isLost, let event = await group.next() else { break }
                switch event {
                case .open(let connection): winner = connection
                case .failed(let error):
                    failure = error
                    race.handleFailure()
                case .headStartOver: alarm = nil
                }
            }
            group.cancelAll()
            for await case .open(let late) in group { await close(late) }
            return winner.map(Result.success) ?? .failure(failure)
        }
        return try result.get()
    }

    private func tryToDial(_ url: ServiceURL, _ remote: PeerEndpoint) async -> RaceEvent {
        do throws(HTTPError) { return .open(try await dial(url, remote)) } catch { return .failed(error) }
    }

    private static func wait(until time: Instant) async -> RaceEvent {
        let rest = time - .now
        try? await Task.sleep(nanoseconds: UInt64(max(0, rest.nanoseconds)))
        return .headStartOver
    }
}

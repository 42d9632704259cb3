// SPDX-License-Identifier: Apache-2.0

import RucheSwarm

@main
struct Fetch {
    static func main() async throws {
        let session = try await Session(SessionConfiguration(downloads: "Downloads"))
        let torrent = try await session.add(magnet: CommandLine.arguments[1])
        let watching = Task {
            for await status in torrent.status {
                print("\(Int(status.progress * 100)) %, \(status.peers.count) peers, \(Int(status.downloadRate)) B/s")
            }
        }
        try await torrent.finished()
        watching.cancel()
        await session.shutdown()
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheSwarm
import RucheWire

/// Shares every torrent of a folder, however many there are, in one session that remembers them.
struct SeedFolder {
    /// The folder of the .torrent files.
    let folder: String
    let options: AddOptions
    let isJSON: Bool
    let console: Console

    func run(_ configuration: SessionConfiguration) async throws {
        try FileManager.default.createDirectory(
            atPath: configuration.stateFolder ?? folder,
            withIntermediateDirectories: true
        )
        let session = try await Session(configuration)
        say(["event": "listening", "port": .int(Int(session.port))], "listening on port \(session.port)")
        do {
            try await Interruption.cancelling { try await work(session) }
            await session.shutdown()
        } catch {
            await session.shutdown()
            throw error
        }
    }

    private func work(_ session: Session) async throws {
        let known = session.torrents.count
        say(["event": "restored", "torrents": .int(known)], "\(known) torrents restored")
        let complaints = Task {
            for await case .changed(let torrent, let state) in session.events {
                guard let error = state.obstacle else { continue }
                console.complain("file-share: \(torrent.currentStatus.name): \(ErrorWords(error).line)")
            }
        }
        let news = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: .seconds(2))
                for notice in session.nextTrackerNotices() { tell(notice) }
            }
        }
        defer {
            complaints.cancel()
            news.cancel()
        }
        await refresh(session)
        try await report(session)
    }

    /// Makes the session share exactly what is in the folder. A file that has not changed since it was last read only
    /// costs a query of its status.
    private func refresh(_ session: Session) async {
        var list = TorrentFolder(folder: folder, stateFolder: session.configuration.stateFolder ?? folder)
        var here = Dictionary(session.torrents.map { (TorrentFolder.key($0.hashes), $0) }) { first, _ in first }
        let pacer = Pacer(seconds: 1)
        for (number, file) in list.files.enumerated() where !Task.isCancelled {
            if let key = list.knownKey(of: file), here[key] != nil { continue }
            if pacer.isDue() {
                say(
                    ["event": "adding", "torrents": .int(number), "total": .int(list.files.count)],
                    "adding torrents: \(number) of \(list.files.count)"
                )
            }
            do {
                let metainfo = try TorrentSource.readFile(file.path, waitsForPipe: false)
                let key = TorrentFolder.key(metainfo.info.hashes)
                // The same torrent in a changed file, which may name other trackers.
                if list.hasChanged(file, key), let old = here.removeValue(forKey: key) { try await session.remove(old) }
                list.note(file, key)
                here[key] = try await session.add(metainfo, options: options)
            } catch let error as TorrentError where error.code == .duplicate {
                continue
            } catch let failure as CommandFailure {
                // It names the file.
                list.forget(file)
                console.complain("file-share: \(failure)")
            } catch {
                list.forget(file)
                console.complain("file-share: \(file.path): \(ErrorWords(error).line)")
            }
        }
        guard !Task.isCancelled else { return }
        for (key, torrent) in here where !list.keys.contains(key) { try? await session.remove(torrent) }
        list.save()
    }

    /// Reports how many torrents are ready whenever that changes, until the user interrupts it.
    private func report(_ session: Session) async throws {
        var last: [Int] = []
        while !Task.isCancelled {
            let states = session.torrents.map(\.currentStatus.state)
            let seeding = states.count { $0 == .seeding }
            let failed = states.count { $0.obstacle != nil }
            if last != [states.count, seeding, failed] {
                last = [states.count, seeding, failed]
                say(
                    [
                        "event": "sharing", "torrents": .int(states.count), "seeding": .int(seeding),
                        "failed": .int(failed),
                    ],
                    "\(seeding) of \(states.count) torrents seeding, \(failed) failed"
                )
            }
            // All torrents are ready or have failed, so frequent checks are unnecessary.
            try? await Task.sleep(for: .seconds(seeding + failed == states.count ? 3_600 : 1))
        }
    }

    private func tell(_ notice: TrackerNotice) {
        let names = notice.examples.map(\.currentStatus.name)
        guard !isJSON else {
            return console.print([
                "event": "tracker", "url": .string(notice.url), "message": JSONValue(notice.words),
                "torrents": .int(notice.torrentCount), "examples": .array(names.map { .string($0) }),
            ])
        }
        var line = "\(notice.url): \(notice.words ?? "The tracker works.")"
        let rest = notice.torrentCount - names.count
        if !names.isEmpty { line += " (\(names.joined(separator: ", "))\(rest > 0 ? " and \(rest) more" : ""))" }
        console.complain(line)
    }

    private func say(_ event: JSONValue, _ words: String) {
        if isJSON { console.print(event) } else { console.print(words) }
    }
}

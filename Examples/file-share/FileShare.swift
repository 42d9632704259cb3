// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct FileShare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "file-share",
        abstract: "Make, inspect, seed, fetch and verify torrents: v1, v2 and hybrid.",
        discussion: """
            Share a folder with a friend:
              file-share create Holiday
              file-share seed Holiday.torrent --data . --listen 6881
            and at the friend's:
              file-share get Holiday.torrent -o Downloads --peer your.host.example:6881
            """,
        version: "0.1",
        subcommands: [Create.self, Inspect.self, Seed.self, Get.self, Verify.self]
    )
}

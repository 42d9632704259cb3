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

            Exit status: 0 when all went well, and when seed ends by Ctrl-C; 1 when something failed or data is not
            right; 64 when the command line is wrong; 130 when get or cat was interrupted before it was done;
            141 when the reader of cat's output has gone. Results go to
            standard output, complaints to standard error. With --json each line is one object with an "event".
            """,
        version: "0.1",
        subcommands: [Create.self, Inspect.self, Seed.self, Get.self, Cat.self, Verify.self, DHT.self]
    )
}

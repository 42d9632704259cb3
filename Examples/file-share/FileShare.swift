// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct FileShare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "file-share",
        abstract: "Create, inspect, seed, download, play and verify torrents: v1, v2 and hybrid.",
        discussion: """
            Share a folder with a friend:
              file-share create Holiday
              file-share seed Holiday.torrent --data . --listen 6881
            and on the friend's machine:
              file-share get Holiday.torrent -o Downloads --peer your.host.example:6881

            Exit status: 0 on success, and when Ctrl-C ends a command that shares until then; 1 if something failed or data
            is wrong; 64 if the command line is invalid; 130 if Ctrl-C interrupted other work; 141 if the reader of cat's
            output closed it.
            Results go to standard output, errors and warnings to standard error. With --json, each line is one
            object with an "event".
            """,
        version: "0.1",
        subcommands: [
            Create.self, Inspect.self, Seed.self, Get.self, Cat.self, Play.self, Verify.self, Publish.self, Follow.self,
            DHT.self,
        ]
    )
}

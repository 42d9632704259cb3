// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct FileShare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "file-share", abstract: "Share and fetch torrents.")
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Synchronization

/// Standard output and standard error as one: permanent lines and, below them on a terminal, a block that is redrawn in
/// place.
///
/// Text from strangers (names, comments, clients) passes through here on its way to the terminal, with control
/// characters escaped.
final class Console: Sendable {
    /// Whether standard output is a terminal.
    let isTerminal = isatty(STDOUT_FILENO) == 1
    private let block = Mutex(Block())

    private struct Block {
        var lines: [String] = []

        /// Moves the cursor above the block and erases it.
        var erasure: String { lines.isEmpty ? "" : "\u{1b}[\(lines.count)A\r\u{1b}[J" }

        /// The terminal itself truncates long lines, because only it knows the width of its characters.
        var drawing: String { lines.isEmpty ? "" : "\u{1b}[?7l" + lines.joined(separator: "\n") + "\n\u{1b}[?7h" }
    }

    /// Prints a permanent line.
    func print(_ line: String) {
        block.withLock { Self.write($0.erasure + line.escapedForDisplay + "\n" + $0.drawing, to: .standardOutput) }
    }

    /// Prints a line for programs.
    func print(_ value: JSONValue) {
        let line = value.description + "\n"
        block.withLock { _ in Self.write(line, to: .standardOutput) }
    }

    /// Prints a line on standard error.
    func complain(_ line: String) {
        block.withLock { block in
            if !block.lines.isEmpty { Self.write(block.erasure, to: .standardOutput) }
            Self.write(line.escapedForDisplay + "\n", to: .standardError)
            if !block.lines.isEmpty { Self.write(block.drawing, to: .standardOutput) }
        }
    }

    /// Redraws the block.
    func show(_ lines: [String]) {
        block.withLock { block in
            let erasure = block.erasure
            block.lines = lines.map(\.escapedForDisplay)
            Self.write(erasure + block.drawing, to: .standardOutput)
        }
    }

    /// Removes the block.
    func clearBlock() { show([]) }

    /// Leaves the block in place; further output goes below it.
    func endBlock() { block.withLock { $0.lines = [] } }

    /// The columns and rows of the terminal.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    private static func write(_ text: String, to file: FileHandle) {
        guard !text.isEmpty else { return }
        do { try file.write(contentsOf: Data(text.utf8)) } catch { Interruption.handleLostReader() }
    }
}

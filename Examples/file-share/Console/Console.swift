// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Synchronization

/// Standard output and standard error as one: lines that stay, and below them, on a terminal, a block redrawn in place.
///
/// Words that come from strangers (names, comments, clients) pass through here on their way to the terminal, with
/// whatever could steer it escaped.
final class Console: Sendable {
    /// Whether somebody looks on.
    let isTerminal = isatty(STDOUT_FILENO) == 1
    private let block = Mutex(Block())

    private struct Block {
        var lines: [String] = []

        /// Moves up over what is shown, and erases it.
        var erasure: String { lines.isEmpty ? "" : "\u{1b}[\(lines.count)A\r\u{1b}[J" }

        /// Lines too long are cut by the terminal itself, which alone knows how wide its letters are.
        var drawing: String { lines.isEmpty ? "" : "\u{1b}[?7l" + lines.joined(separator: "\n") + "\n\u{1b}[?7h" }
    }

    /// A line that stays.
    func print(_ line: String) {
        block.withLock { Self.write($0.erasure + line.escapedForDisplay + "\n" + $0.drawing, to: .standardOutput) }
    }

    /// A line for programs.
    func print(_ value: JSONValue) {
        let line = value.description + "\n"
        block.withLock { _ in Self.write(line, to: .standardOutput) }
    }

    /// A line on standard error.
    func complain(_ line: String) {
        block.withLock { block in
            if !block.lines.isEmpty { Self.write(block.erasure, to: .standardOutput) }
            Self.write(line.escapedForDisplay + "\n", to: .standardError)
            if !block.lines.isEmpty { Self.write(block.drawing, to: .standardOutput) }
        }
    }

    /// Draws the block anew.
    func show(_ lines: [String]) {
        block.withLock { block in
            let erasure = block.erasure
            block.lines = lines.map(\.escapedForDisplay)
            Self.write(erasure + block.drawing, to: .standardOutput)
        }
    }

    /// Takes the block away.
    func clearBlock() { show([]) }

    /// Leaves the block where it is; what follows goes below.
    func endBlock() { block.withLock { $0.lines = [] } }

    /// Columns and rows of the terminal.
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

// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What the connections of a media server share: the files on offer, where their bytes come from, and how fast each
/// file is played.
///
/// The first request for a file probes it: its beginning and its index, wherever that is, are read ahead of the player,
/// and its duration tells by when the other pieces are needed.
final class Films: Sendable {
    /// Bytes in order; throws if they cannot be read.
    typealias Bytes = any AsyncSequence<[UInt8], any Error> & Sendable

    private struct State {
        /// By file.
        var probes: [Int: Task<Void, Never>] = [:]
        var bytesPerSecond: [Int: Int] = [:]
        var isClosed = false
    }

    let shelf: MediaShelf
    let limits: StreamingLimits
    private let source: @Sendable (MediaAnswer.Body, _ bytesPerSecond: Int?) -> Bytes
    private let state = Locked(State())

    init(
        _ shelf: MediaShelf,
        limits: StreamingLimits = StreamingLimits(),
        source: @escaping @Sendable (MediaAnswer.Body, _ bytesPerSecond: Int?) -> Bytes
    ) {
        self.shelf = shelf
        self.limits = limits
        self.source = source
    }

    /// Returns the bytes of a response.
    func read(_ body: MediaAnswer.Body) -> Bytes {
        prepare(body.file)
        return source(body, state.withLock { $0.bytesPerSecond[body.file] })
    }

    /// Probes a file, once.
    func prepare(_ file: Int) {
        guard let byteCount = shelf.byteCount(of: file) else { return }
        state.withLock { state in
            guard !state.isClosed, state.probes[file] == nil else { return }
            state.probes[file] = Task { [weak self] in await self?.probe(file, byteCount) }
        }
    }

    /// Ends the probes.
    func close() {
        state.withLock { state in
            state.isClosed = true
            for probe in state.probes.values { probe.cancel() }
        }
    }

    private func probe(_ file: Int, _ byteCount: Int) async {
        var probe = FilmProbe(byteCount: byteCount, limits: limits)
        while let range = probe.nextRange {
            var bytes: [UInt8] = []
            do {
                for try await chunk in source(MediaAnswer.Body(file: file, range: range), nil) { bytes += chunk }
            } catch {
                // The player learns what is wrong from its own requests.
                return
            }
            probe.handleBytes(bytes)
        }
        state.withLock { $0.bytesPerSecond[file] = probe.bytesPerSecond }
    }
}

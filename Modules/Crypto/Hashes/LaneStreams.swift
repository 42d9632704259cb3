// SPDX-License-Identifier: Apache-2.0

internal import CHashLanes

/// A fixed number of messages that are hashed at once: `HashStreams` without its generic parameter.
///
/// Use it from one thread at a time. Invariant: a stream's `work` holds the whole blocks that have been appended but
/// not yet hashed. Its tail holds the bytes after them, always less than a block.
@usableFromInline
struct LaneStreams: ~Copyable {
    private let algorithm: hash_lanes_algorithm
    @usableFromInline let count: Int
    private let states: UnsafeMutablePointer<hash_lanes_state>
    private let work: UnsafeMutablePointer<hash_lanes_work>
    private let byteCounts: UnsafeMutablePointer<Int>
    /// Two blocks per stream: room for a tail and its padding.
    private let tails: UnsafeMutableRawPointer

    private static var blockByteCount: Int { Int(HASH_LANES_BLOCK_BYTES) }
    private static var tailByteCount: Int { 2 * blockByteCount }

    @usableFromInline
    init(_ algorithm: HashAlgorithm, count: Int) {
        self.algorithm = algorithm.lanes
        self.count = count
        states = .allocate(capacity: count)
        work = .allocate(capacity: count)
        byteCounts = .allocate(capacity: count)
        tails = .allocate(byteCount: count * Self.tailByteCount, alignment: Self.blockByteCount)
        states.initialize(repeating: hash_lanes_initial_state(self.algorithm), count: count)
        byteCounts.initialize(repeating: 0, count: count)
        for stream in 0..<count { (work + stream).initialize(to: .init(state: states + stream, data: nil, blocks: 0)) }
    }

    @usableFromInline
    deinit {
        states.deallocate()
        work.deallocate()
        byteCounts.deallocate()
        tails.deallocate()
    }

    @usableFromInline
    static func width(_ algorithm: HashAlgorithm) -> Int { hash_lanes_width(algorithm.lanes) }

    /// Appends `bytes` to a message. The memory must stay valid and unchanged until `run()`.
    @usableFromInline
    func append(_ bytes: UnsafeRawBufferPointer, to stream: Int) {
        precondition(0..<count ~= stream, "stream \(stream) is not in 0..<\(count)")
        guard var rest = bytes.baseAddress, bytes.count > 0 else { return }
        if work[stream].blocks > 0 { run() }
        var left = bytes.count
        let held = byteCounts[stream] % Self.blockByteCount
        byteCounts[stream] += left
        let tail = tail(of: stream)
        if held > 0 {
            let step = min(left, Self.blockByteCount - held)
            (tail + held).copyMemory(from: rest, byteCount: step)
            guard held + step == Self.blockByteCount else { return }
            queue(tail, blocks: 1, of: stream)
            runAlone(stream)
            rest += step
            left -= step
        }
        let blocks = left / Self.blockByteCount
        queue(rest, blocks: blocks, of: stream)
        tail.copyMemory(from: rest + blocks * Self.blockByteCount, byteCount: left % Self.blockByteCount)
    }

    /// Hashes everything appended so far.
    @usableFromInline
    func run() { run(0..<count) }

    /// Pads and hashes the messages of `streams`. Take each digest with `takeDigest` afterwards.
    @usableFromInline
    func finish(_ streams: Range<Int>) {
        run(streams)
        for stream in streams {
            let tail = tail(of: stream)
            let held = byteCounts[stream] % Self.blockByteCount
            let padded = held + 9 <= Self.blockByteCount ? Self.blockByteCount : Self.tailByteCount
            tail.storeBytes(of: 0x80, toByteOffset: held, as: UInt8.self)
            (tail + held + 1).initializeMemory(as: UInt8.self, repeating: 0, count: padded - held - 9)
            let bitCount = UInt64(byteCounts[stream]) << 3
            tail.storeBytes(of: bitCount.bigEndian, toByteOffset: padded - 8, as: UInt64.self)
            queue(tail, blocks: padded / Self.blockByteCount, of: stream)
        }
        run(streams)
    }

    /// Writes the digest of a finished stream to `out` and resets the stream.
    @usableFromInline
    func takeDigest(of stream: Int, into out: UnsafeMutableRawBufferPointer) {
        withUnsafeBytes(of: states[stream].words) { words in
            for index in 0..<out.count / 4 {
                let word = words.load(fromByteOffset: 4 * index, as: UInt32.self)
                out.storeBytes(of: word.bigEndian, toByteOffset: 4 * index, as: UInt32.self)
            }
        }
        reset(stream)
    }

    /// Discards what has been appended to `stream`.
    @usableFromInline
    func reset(_ stream: Int) {
        states[stream] = hash_lanes_initial_state(algorithm)
        byteCounts[stream] = 0
        work[stream].blocks = 0
    }

    private func run(_ streams: Range<Int>) {
        hash_lanes_compress(algorithm, work + streams.lowerBound, streams.count)
        for stream in streams { work[stream].blocks = 0 }
    }

    private func runAlone(_ stream: Int) { run(stream..<stream + 1) }

    private func queue(_ bytes: UnsafeRawPointer, blocks: Int, of stream: Int) {
        work[stream].data = bytes.assumingMemoryBound(to: UInt8.self)
        work[stream].blocks = blocks
    }

    private func tail(of stream: Int) -> UnsafeMutableRawPointer {
        tails + stream * Self.tailByteCount
    }
}

extension HashAlgorithm {
    fileprivate var lanes: hash_lanes_algorithm {
        switch self {
        case .sha1: HASH_LANES_SHA1
        case .sha256: HASH_LANES_SHA256
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
package import RucheWire

/// The requests that one peer waits for, stored as requests: a few bytes each. An answer is created when it can be
/// sent, and only while few bytes are on their way to the peer.
///
/// Blocks have their own queue and share of memory. Owner: `ConnectedPeer`. Memory: within `limits`, however much a
/// peer requests and however little it reads.
package struct AnswerQueue: Sendable {
    /// A request whose answer is longer than itself.
    package enum Question: Hashable, Sendable {
        /// A part of the metadata (BEP 9).
        case metadata(part: Int)
        /// Hashes of a file's tree (BEP 52).
        case hashes(HashRequest)
    }

    /// Bytes of messages that the core has sent and the peer's socket has not accepted.
    package private(set) var unsentByteCount = 0
    private var job = Job.none

    private let limits: Limits
    private var metadataParts = Deque<UInt32>()
    private var hashRequests = Deque<HashRequest>()

    /// What the next hash request waits for: hashes of the disk or of a layer are computed on the pool.
    private enum Job {
        case none
        case wanted
        case running
    }

    package struct Limits: Sendable {
        /// Answers are created while fewer bytes than this are unsent.
        package var unsentByteCount: Int
        package var metadataPartCount: Int
        package var hashRequestCount: Int
    }

    package init(limits: Limits) { self.limits = limits }

    // MARK: - Bytes

    /// Records a message of `byteCount` bytes that the core has sent.
    package mutating func handleSent(_ byteCount: Int) { unsentByteCount += byteCount }

    /// Records bytes that the socket has accepted.
    package mutating func handleTaken(_ byteCount: Int) { unsentByteCount = max(0, unsentByteCount - byteCount) }

    /// Whether the peer reads what it is sent, so that sending more makes sense.
    package var hasRoom: Bool { unsentByteCount < limits.unsentByteCount }

    /// Whether a request may still be answered with a refusal. Beyond this, it gets no answer.
    package var mayRefuse: Bool { unsentByteCount < 2 * limits.unsentByteCount }

    // MARK: - Requests

    /// The number of waiting requests.
    package var count: Int { metadataParts.count + hashRequests.count }

    /// Queues a request. Returns false if the peer has too many already.
    package mutating func handleQuestion(_ question: Question) -> Bool {
        switch question {
        case .metadata(let part):
            guard metadataParts.count < limits.metadataPartCount else { return false }
            metadataParts.append(UInt32(clamping: part))
        case .hashes(let request):
            guard hashRequests.count < limits.hashRequestCount else { return false }
            hashRequests.append(request)
        }
        return true
    }

    /// Returns the next request to answer; nil while the peer does not read, or none waits.
    package mutating func nextQuestion() -> Question? {
        guard hasRoom else { return nil }
        if let part = metadataParts.popFirst() { return .metadata(part: Int(part)) }
        guard job == .none else { return nil }
        return hashRequests.popFirst().map { .hashes($0) }
    }

    // MARK: - Jobs

    /// Whether a request waits until a job is possible, or until another peer's job has ended.
    package var waitsForJob: Bool { job == .wanted }

    /// Puts the last request back in front, because it cannot be answered before some job is done.
    package mutating func handleWaiting(with request: HashRequest) {
        hashRequests.prepend(request)
        job = .wanted
    }

    /// Records that a job has started for the last request; no other is returned meanwhile.
    package mutating func handleJobStarted() { job = .running }

    /// Records that the job has ended.
    package mutating func handleJobEnded() { job = .none }
}

// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
package import RucheWire

/// What one peer waits for, kept as what it asked: a few bytes each. An answer is made when it can be sent, and only while
/// little is on its way to the peer already.
///
/// Blocks have a queue and a share of memory of their own. Owner: `ConnectedPeer`. Memory: `limits` and no more, however
/// much a peer asks and however little it reads.
package struct AnswerQueue: Sendable {
    /// A question whose answer is longer than itself.
    package enum Question: Hashable, Sendable {
        /// A part of the metadata (BEP 9).
        case metadata(part: Int)
        /// Hashes of a file's tree (BEP 52).
        case hashes(HashRequest)
    }

    /// Bytes of messages that the core has sent and the peer's socket has not taken.
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
        /// Answers are made while less than this is unsent.
        package var unsentByteCount: Int
        package var metadataPartCount: Int
        package var hashRequestCount: Int
    }

    package init(limits: Limits) { self.limits = limits }

    // MARK: - Bytes

    /// The core has sent a message of so many bytes.
    package mutating func handleSent(_ byteCount: Int) { unsentByteCount += byteCount }

    /// The socket has taken so many.
    package mutating func handleTaken(_ byteCount: Int) { unsentByteCount = max(0, unsentByteCount - byteCount) }

    /// Whether the peer reads what it is sent, so that there is a point in telling it more.
    package var hasRoom: Bool { unsentByteCount < limits.unsentByteCount }

    /// Whether a question may still be turned down in words. Beyond it nothing is said.
    package var mayRefuse: Bool { unsentByteCount < 2 * limits.unsentByteCount }

    // MARK: - Questions

    /// Questions that wait.
    package var count: Int { metadataParts.count + hashRequests.count }

    /// Keeps a question; false where the peer has asked too many already.
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

    /// The next question to answer; nil while the peer does not read, or nothing waits.
    package mutating func nextQuestion() -> Question? {
        guard hasRoom else { return nil }
        if let part = metadataParts.popFirst() { return .metadata(part: Int(part)) }
        guard job == .none else { return nil }
        return hashRequests.popFirst().map { .hashes($0) }
    }

    // MARK: - Jobs

    /// Whether it waits until a job becomes possible, or until somebody else's is done.
    package var waitsForJob: Bool { job == .wanted }

    /// The question that was taken last cannot be answered before some job is done: it is the next again.
    package mutating func handleWaiting(with request: HashRequest) {
        hashRequests.prepend(request)
        job = .wanted
    }

    /// A job is under way for the question that was taken last; none is taken meanwhile.
    package mutating func handleJobStarted() { job = .running }

    /// The job is done.
    package mutating func handleJobEnded() { job = .none }
}

// SPDX-License-Identifier: Apache-2.0

package import Dispatch
package import NIOCore
internal import RucheTransport
internal import RucheWire

/// An event loop on virtual time: production code runs on it as on NIO's, and a seed replays it.
///
/// A host of a `VirtualNetwork` owns it. All loops of a network share its one queue of events: tasks run when the network runs,
/// in the order of their times, and those of the same time in the order in which they were scheduled.
package final class VirtualLoop: EventLoop, NIOSerialEventLoopExecutor, @unchecked Sendable {  // confined to a thread
    private let time: Timeline

    init(_ time: Timeline) { self.time = time }

    /// Whether the caller is on the thread that runs the network.
    package var inEventLoop: Bool { time.isOnThread }

    /// The virtual time.
    package var now: NIODeadline { NIODeadline(time.now) }

    /// Runs `task` at the current virtual time, after what was scheduled for it before. May be called from any thread.
    package func execute(_ task: @escaping @Sendable () -> Void) { time.execute(task) }

    /// Runs `task` at `deadline`.
    @discardableResult
    package func scheduleTask<Output>(
        deadline: NIODeadline,
        _ task: @escaping @Sendable () throws -> Output
    ) -> Scheduled<Output> {
        let promise = makePromise(of: Output.self)
        let entry = VirtualTask {
            promise.assumeIsolated().completeWith(Result { try task() })
        } fail: {
            promise.fail(EventLoopError.cancelled)
        }
        let time = time
        if time.isOnThread {
            time.insert(.task(entry), at: Instant(deadline))
        } else {
            time.execute { time.insert(.task(entry), at: Instant(deadline)) }
        }
        return Scheduled(promise: promise) { entry.cancel() }
    }

    /// Runs `task` after `delay`.
    @discardableResult
    package func scheduleTask<Output>(
        in delay: TimeAmount,
        _ task: @escaping @Sendable () throws -> Output
    ) -> Scheduled<Output> {
        scheduleTask(deadline: now + delay, task)
    }

    /// Calls `handler` after `delay`.
    @discardableResult
    package func scheduleCallback(
        in delay: TimeAmount,
        handler: some (NIOScheduledCallbackHandler & Sendable)
    ) -> NIOScheduledCallback {
        scheduleCallback(at: now + delay, handler: handler)
    }

    /// Traps unless the caller is on the thread that runs the network.
    package func preconditionInEventLoop(file: StaticString, line: UInt) {
        precondition(inEventLoop, "not on the virtual network's thread", file: file, line: line)
    }

    /// Traps if the caller is on the thread that runs the network.
    package func preconditionNotInEventLoop(file: StaticString, line: UInt) {
        precondition(!inEventLoop, "on the virtual network's thread", file: file, line: line)
    }

    /// Does nothing: a virtual loop ends with its network.
    package func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
        queue.async { callback(nil) }
    }
}

/// A task scheduled on a virtual loop, which may be cancelled.
final class VirtualTask: @unchecked Sendable {  // confined to its timeline's thread
    private var body: (() -> Void)?
    private let fail: () -> Void

    init(_ body: @escaping () -> Void, fail: @escaping () -> Void) {
        self.body = body
        self.fail = fail
    }

    /// Runs the task, unless it is cancelled.
    func run() {
        let body = body
        self.body = nil
        body?()
    }

    /// The task will not run. Its promise has been failed by the caller.
    func cancel() { body = nil }

    /// The task will never run: fails its promise.
    func drop() {
        guard body != nil else { return }
        body = nil
        fail()
    }
}

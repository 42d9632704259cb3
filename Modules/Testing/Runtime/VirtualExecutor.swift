// SPDX-License-Identifier: Apache-2.0

/// Runs the jobs of Swift's tasks on a timeline, in the order in which they are enqueued.
///
/// A task that prefers it, and all that it calls, child tasks and default actors included, runs on the network's thread.
final class VirtualExecutor: TaskExecutor {
    private let time: Timeline

    init(_ time: Timeline) { self.time = time }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        time.execute { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}

// SPDX-License-Identifier: Apache-2.0

package import Synchronization

/// A value that one thread at a time uses: a `Mutex` that may be locked in functions that suspend.
///
/// A `Mutex` compares the thread that unlocks it with the one that locked it. Where both are inlined into an `async`
/// function, the compiler (Swift 6.3, Linux) may take the thread after a suspension for the one before it, and the unlock
/// then ends the process. Here neither is inlined into the caller.
package struct Locked<Value: ~Copyable>: ~Copyable, Sendable {
    @usableFromInline let mutex: Mutex<Value>

    /// Takes the value.
    @inlinable
    package init(_ value: consuming sending Value) { mutex = Mutex(value) }

    /// Calls `body` with the value, while no other thread uses it.
    ///
    /// - Throws: What `body` throws.
    @inlinable @inline(never)
    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        try mutex.withLock(body)
    }
}

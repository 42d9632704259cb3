// SPDX-License-Identifier: Apache-2.0

/// Counts the steps of loops whose length depends on how many pieces, peers or requests there are.
///
/// It decides nothing: tests hold that what a message costs is in proportion to its bytes, by counting and not by the
/// clock. A loop adds its length once. Owner: one core, which shares it with its parts.
package final class WorkMeter: @unchecked Sendable {  // confined to its core's thread
    /// Steps so far.
    package private(set) var stepCount = 0

    package init() {}

    /// A loop of `count` steps is run.
    @inline(__always)
    package func add(_ count: Int) { stepCount &+= count }
}

// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

extension TransportRuntime {
    /// Checks that the process may have the file descriptors that a runtime, its sockets and its lookups of names need.
    /// NIO ends the process if a loop gets none.
    ///
    /// - Throws: `TransportError.Code.exhausted` if it may not.
    public static func checkDescriptors(loopCount: Int? = nil) throws(TransportError) {
        try DescriptorLimit.require(descriptorsBesideLoops + descriptorsPerLoop * Self.loopCount(loopCount))
    }

    /// For each loop: on Linux an epoll, an event and a timer descriptor.
    package static let descriptorsPerLoop = 3
    private static let descriptorsBesideLoops = 48

    /// Returns how many loops are started for `wanted`: by default one per core.
    package static func loopCount(_ wanted: Int?) -> Int { max(1, wanted ?? System.coreCount) }
}

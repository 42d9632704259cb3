// SPDX-License-Identifier: Apache-2.0

/// How much one request for bytes may deliver.
public enum ReadAmount: Hashable, Sendable {
    /// A batch: as many reads as are fair to the loop's other streams.
    case batch
    /// One read, for rate-limited downloads: a batch could exceed the limit by a whole socket buffer.
    case single
}

// SPDX-License-Identifier: Apache-2.0

/// How much one demand for bytes may bring.
public enum ReadAmount: Hashable, Sendable {
    /// A batch: as many reads as are fair to the loop's other streams.
    case batch
    /// One read, for downloads with a rate limit: a batch could exceed it by a socket's whole buffer.
    case single
}

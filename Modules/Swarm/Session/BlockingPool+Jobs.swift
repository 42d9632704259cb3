// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
public import RucheTransport

/// Checks run on the session's own pool.
extension BlockingPool: JobPool {}

// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Suites
import Workloads

/// Benchmarks of hashing pieces.
let benchmarks: @Sendable () -> Void = { Suite.add(HashingWorkloads.all) }

// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Suites
import Workloads

/// What it costs: digests of pieces.
let benchmarks: @Sendable () -> Void = { Suite.add(HashingWorkloads.all) }

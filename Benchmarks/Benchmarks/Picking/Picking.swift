// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Suites
import Workloads

/// Benchmarks of scheduling: picks, haves, bitfields and choke rounds.
let benchmarks: @Sendable () -> Void = { Suite.add(PickingWorkloads.all()) }

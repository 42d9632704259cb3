// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Suites
import Workloads

/// What it costs: the scheduling of peers: picks, haves, bitfields, choke rounds.
let benchmarks: @Sendable () -> Void = { Suite.add(PickingWorkloads.all()) }

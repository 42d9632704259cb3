// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Suites
import Workloads

/// What it costs: hiding a stream.
let benchmarks: @Sendable () -> Void = { Suite.add(EncryptionWorkloads.all) }

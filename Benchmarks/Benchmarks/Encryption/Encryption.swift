// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Suites
import Workloads

/// Benchmarks of stream encryption.
let benchmarks: @Sendable () -> Void = { Suite.add(EncryptionWorkloads.all) }

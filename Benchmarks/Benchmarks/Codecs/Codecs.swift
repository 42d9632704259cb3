// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Suites
import Workloads

/// Benchmarks of parsing and encoding bencode, torrents and messages.
let benchmarks: @Sendable () -> Void = { Suite.add(CodecWorkloads.all) }

// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Suites
import Workloads

/// What it costs: reading and writing bencode, torrents and messages.
let benchmarks: @Sendable () -> Void = { Suite.add(CodecWorkloads.all) }

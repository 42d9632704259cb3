// SPDX-License-Identifier: Apache-2.0
// usage: measure SUITE [--rounds N] [--only TEXT] [--pieces N,…] [--peers N,…] [TORRENT…]
//
// Prints a JSON line for each workload: the median over N rounds of nanoseconds and allocations per operation. The
// workloads take turns, round by round, so that a busy moment of the machine affects all of them alike.

import Foundation
import Workloads

do {
    let arguments = try Arguments(CommandLine.arguments.dropFirst())
    Measurement.run(try arguments.workloads(), roundCount: arguments.roundCount)
} catch {
    print("measure: \(error)")
    exit(2)
}

// SPDX-License-Identifier: Apache-2.0

/// Has the optimiser believe that `value` is used.
@inline(never)
@_optimize(none)
func keep<Value>(_ value: Value) {}

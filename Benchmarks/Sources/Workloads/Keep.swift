// SPDX-License-Identifier: Apache-2.0

/// Prevents the optimiser from removing the computation of `value`.
@inline(never)
@_optimize(none)
func keep<Value>(_ value: Value) {}

// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Who may download from us: one pure comparison.
package protocol UnchokePolicy: Sendable {
    /// Whether `candidate` may hold a regular slot at all; if not, it can only be unchoked optimistically.
    func deservesSlot(_ candidate: ChokeCandidate, at now: Instant) -> Bool
    /// Whether `a` gets a slot before `b`. A strict weak order.
    func precedes(_ a: ChokeCandidate, _ b: ChokeCandidate, at now: Instant) -> Bool
}

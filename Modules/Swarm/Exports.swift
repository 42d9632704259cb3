// SPDX-License-Identifier: Apache-2.0

// What this module's signatures name, so that an app imports nothing else.

@_exported public import Logging
@_exported public import RucheCrypto
@_exported public import RucheStorage
@_exported public import RucheTrackers
@_exported public import RucheTransport
@_exported public import RucheWire

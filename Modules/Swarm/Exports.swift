// SPDX-License-Identifier: Apache-2.0

// Types in this module's signatures, so that an app need not import anything else.

@_exported public import Logging
@_exported public import RucheCrypto
@_exported public import RucheStorage
@_exported public import RucheTrackers
@_exported public import RucheTransport
@_exported public import RucheWire

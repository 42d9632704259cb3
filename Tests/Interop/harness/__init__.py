# SPDX-License-Identifier: Apache-2.0
"""What the interop, crash and hostile-peer harnesses share."""

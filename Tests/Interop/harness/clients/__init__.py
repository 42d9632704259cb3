# SPDX-License-Identifier: Apache-2.0
"""One module for each program in the scenarios, all with the same interface (`base.Client`)."""

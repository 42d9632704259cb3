# SPDX-License-Identifier: Apache-2.0
"""One module for each program that stands in a scenario, all with the same face (`base.Client`)."""

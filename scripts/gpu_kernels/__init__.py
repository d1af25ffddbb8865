# SPDX-License-Identifier: Apache-2.0
"""Measures kernels of PyTorch on the GPU at hand; see scripts/measure_gpu.py."""

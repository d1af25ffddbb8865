// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "power/power_config.h"
#include "workloads/operator.h"

namespace orrery {

// One measured call on a real device.
struct MeasuredRow {
  std::uint32_t line = 0;  // of the file
  std::string device;
  std::string phase;     // "gemm", "prefill" or "decode"
  std::string dtype;     // as it stands in the file
  std::string kv_dtype;  // empty for a GEMM
  // Empty where the simulator knows no such type.
  std::optional<Dtype> compute_dtype;
  std::variant<GemmShape, AttentionShape> shape;
  double latency_us = 0;
  // Of sustained runs: the board's mean power and the cap it was held under.
  std::optional<double> power_w, power_limit_w;
  std::optional<Operands> operands;
  std::optional<PowerMode> mode;
  bool flushed = false;  // nothing of the call before was in shared memory

  std::string text() const;  // "4096x4096x4096", "8x1x2048, 32 heads on 8 of 128"

  // Constants are fitted on one half of the families of shapes, and what they are worth is read off
  // the other. A family is (n, k) of a GEMM, (heads, kv_heads) of attention, whatever the device,
  // the phase and the dtype. With (a, b) for it, it is tested when SplitMix64's finaliser of a *
  // 2^32 + b is odd. This is the one place that says so.
  bool tested() const;
};

// Reads a CSV of measurements. Its header says what it holds:
//   GEMM       device,dtype,m,n,k,latency_us
//   attention  device,phase,dtype,kv_dtype,batch,seq_q,seq_kv,heads,kv_heads,head_dim,causal,
//              latency_us
// and, if it likes, how rows were measured: operands (begins with rand or zero), l2 (warm,
// flushed), mode (burst, sustained; else series_of in measured_power.h), power_w (mean of the
// board, in sustained runs), power_limit_w; source, framework, version, clock_mhz and spread_pct
// are passed over. Throws InputError with line and column, also when there are no rows.
std::vector<MeasuredRow> read_measured(const std::string& path);
std::vector<MeasuredRow> parse_measured(const std::string& text, const std::string& name);

// At most `count` rows of each device, phase and pair of dtypes, spread over the file without a
// period of their own, in the order of the file; the same ones each time.
std::vector<MeasuredRow> sample_rows(const std::vector<MeasuredRow>& rows, std::uint64_t count);

}  // namespace orrery

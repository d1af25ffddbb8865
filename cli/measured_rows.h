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

  std::string text() const;  // "4096x4096x4096", "8x1x2048, 32 heads on 8 of 128"
};

// Reads a CSV of measurements. Its header says what it holds:
//   GEMM       device,dtype,m,n,k,latency_us[,source]
//   the same, sustained, at a power: device,dtype,m,n,k,latency_us,power_w,power_limit_w
//              [,operands][,framework][,version][,source]; operands begin with randn or zero
//   attention  device,phase,dtype,kv_dtype,batch,seq_q,seq_kv,heads,kv_heads,head_dim,causal,
//              latency_us[,source]
// Throws InputError with line and column, also when there are no rows.
std::vector<MeasuredRow> read_measured(const std::string& path);
std::vector<MeasuredRow> parse_measured(const std::string& text, const std::string& name);

// At most `count` rows of each device, phase and pair of dtypes, spread over the file without a
// period of their own, in the order of the file; the same ones each time.
std::vector<MeasuredRow> sample_rows(const std::vector<MeasuredRow>& rows, std::uint64_t count);

}  // namespace orrery

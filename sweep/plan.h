// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "power/power_config.h"
#include "sweep/axis.h"
#include "sweep/expression.h"
#include "workloads/operator.h"

// A plan of a sweep: YAML, read as strictly as a chip.
//
//   name: maia100-main-job
//   chips: [maia100]               # names of configs/chips, or files relative to this one
//   set: {power.cap: 700 W}        # of every chip
//   fidelity: fast                 # or detailed, or {memory: detailed}
//   workloads:                     # names, files, or steps of a model
//     - llama-3.1-8b-prefill
//     - {name: decode, model: llama-3.1-8b, phase: decode, batch: 32, context: 2048}
//   axes:                          # see sweep/axis.h
//     network.link: [256 B/clk, 512 B/clk]
//     workload.batch: [1, 8, 32]
//   zip:                           # axes that move together
//     - memory.stacks: [2, 4]
//       memory.capacity: [32 GB, 64 GB]
//   constraints:                   # of which every point meets all; see sweep/expression.h
//     - core.count * core.tensor.rates.bf16 * core.clock <= 1e15 FLOP/s
//   keep: total_time < 10 ms       # points whose full results are kept
//   sampling: true                 # of long kernels, as --sampling of `orrery run`
//   reuse: true
//   power_mode: sustained          # or burst
//   operands: random               # or zeros
//   timeout: 600 s                 # of a point, wall-clock
//   sample: {points: 2000, method: sobol, seed: 1}   # in place of the whole grid
namespace orrery {

// A workload of the plan: its text, to which `workload.` axes are overrides.
struct PlanWorkload {
  std::string name;
  std::string file;  // by name or path; empty: `text`
  std::string text;  // YAML
  std::string text_name;
  std::string base_folder;
  // "batch" -> "32", as far as the workload says it: names for constraints.
  std::vector<std::pair<std::string, std::string>> leaves;
};

enum class SampleMethod : std::uint8_t { kSobol, kLatinHypercube };

struct SampleRequest {
  std::uint64_t points = 0;
  SampleMethod method = SampleMethod::kSobol;
  std::uint64_t seed = 1;
};

// A condition for every point, with its place in the file.
struct Constraint {
  Expression expression;
  SourceLocation location;
};

struct Plan {
  std::string name;
  std::string file;
  std::string config_folder;
  std::vector<std::string> chips;      // names or paths
  std::vector<std::string> overrides;  // of every chip, "power.cap=700 W"
  std::vector<PlanWorkload> workloads;
  // Those that change the chip first, then those of workloads only.
  std::vector<AxisGroup> groups;
  std::vector<Constraint> constraints;
  std::optional<Expression> keep;
  bool sampling = false;
  bool reuse = true;
  PowerProtocol power;
  bool says_power = false;  // the plan has `power_mode` or `operands`
  double timeout_s = 600;
  std::optional<SampleRequest> sample;
  std::string text;  // the whole plan as YAML

  // Groups that change the chip: [0, chip_group_count()).
  std::size_t chip_group_count() const;
};

// Throws InputError.
Plan read_plan(const std::string& path, const std::string& config_folder);
// The same from what Plan::text was; chips and workloads are relative to `path`, from which it was
// read.
Plan parse_plan(const std::string& text, const std::string& path, const std::string& config_folder);

}  // namespace orrery

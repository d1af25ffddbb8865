// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sweep/plan.h"

namespace orrery {

// Which value a point takes of each part of the plan.
struct Choice {
  std::uint32_t chip = 0;
  std::vector<std::uint32_t> groups;  // of Plan::groups
  std::uint32_t workload = 0;

  bool operator==(const Choice&) const = default;
  // Whether both have one chip of the same configuration.
  bool same_chip(const Choice& other, std::size_t chip_groups) const;
};

// All combinations of a plan in order: chips vary slowest, then the groups as the plan lists them,
// workloads fastest, so that points of one chip follow each other.
class Grid {
 public:
  // Throws InputError when there are more than 2^62 combinations.
  explicit Grid(const Plan& plan);

  std::uint64_t size() const { return size_; }
  // Combinations that share a chip configuration: those of workloads and their axes.
  std::uint64_t per_chip() const { return per_chip_; }
  Choice at(std::uint64_t index) const;

  // What a chip configuration is drawn from: the sizes of its parts, and its first index.
  const std::vector<std::uint64_t>& chip_sizes() const { return chip_sizes_; }
  std::uint64_t index_of(const std::vector<std::uint64_t>& chip_parts) const;

 private:
  std::vector<std::uint64_t> sizes_;  // chip, groups, workload
  std::vector<std::uint64_t> chip_sizes_;
  std::uint64_t size_ = 1;
  std::uint64_t per_chip_ = 1;
};

// "core.count=64" of the chip's axes, and "batch=8" of the workload's, at a choice.
std::vector<std::string> chip_overrides_at(const Plan& plan, const Choice& choice);
std::vector<std::string> workload_overrides_at(const Plan& plan, const Choice& choice);
// "maia100, core.count=64, workload.batch=8, llama-3.1-8b-decode": for messages.
std::string text_of(const Plan& plan, const Choice& choice);

}  // namespace orrery

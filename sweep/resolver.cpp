// SPDX-License-Identifier: Apache-2.0
#include "sweep/resolver.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "results/hasher.h"
#include "results/whole_file.h"
#include "sim/error.h"
#include "workloads/workload_file.h"

namespace orrery {

const std::string& program_version() {
  static const std::string version = [] {
    constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;
    const std::vector<std::byte> program = read_whole_file("/proc/self/exe", kMostBytes);
    Hasher hasher;
    hasher.add(std::string(reinterpret_cast<const char*>(program.data()), program.size()));
    return hasher.digits();
  }();
  return version;
}

const ChipConfig& Resolver::chip(const Choice& choice) {
  if (!last_ || !choice.same_chip(*last_, plan_.chip_group_count())) {
    last_ = choice;
    chip_.reset();
    try {
      chip_ = load_chip(plan_.chips[choice.chip], plan_.config_folder,
                        chip_overrides_at(plan_, choice));
    } catch (const InputError& error) {
      chip_error_ = error.what();
    }
  }
  if (!chip_) {
    throw InputError(chip_error_);
  }
  return *chip_;
}

Resolver::Loaded& Resolver::load_workload_at(const Choice& choice) {
  std::vector<std::uint32_t> key{choice.workload};
  for (std::size_t i = 0; i < plan_.groups.size(); ++i) {
    for (const Axis& axis : plan_.groups[i].axes) {
      if (axis.of_workload()) {
        key.push_back(choice.groups[i]);
        break;
      }
    }
  }
  const auto [place, is_new] = workloads_.try_emplace(std::move(key));
  Loaded& loaded = place->second;
  if (!is_new) {
    return loaded;
  }
  const PlanWorkload& workload = plan_.workloads[choice.workload];
  const std::vector<std::string> overrides = workload_overrides_at(plan_, choice);
  try {
    if (workload.text.empty()) {
      loaded.workload = load_workload(workload.file, plan_.config_folder, overrides);
    } else {
      loaded.workload = read_workload(parse_config(workload.text, workload.text_name, overrides),
                                      workload.name, plan_.config_folder, workload.base_folder);
    }
  } catch (const InputError& error) {
    loaded.error = error.what();
  }
  return loaded;
}

const Workload& Resolver::workload(const Choice& choice) {
  const Loaded& loaded = load_workload_at(choice);
  if (!loaded.workload) {
    throw InputError(loaded.error);
  }
  return *loaded.workload;
}

std::string Resolver::identity(const Choice& choice) {
  Hasher hasher;
  hasher.add(program_version());
  // What cannot be resolved is told by what was asked.
  try {
    hasher.add(chip(choice).resolved_text);
  } catch (const InputError&) {
    hasher.add(plan_.chips[choice.chip]);
    hasher.add(chip_overrides_at(plan_, choice));
    hasher.add(chip_error_);
  }
  const Loaded& loaded = load_workload_at(choice);
  if (loaded.workload) {
    hasher.add(loaded.workload->source_text);
  } else {
    hasher.add(loaded.error);
    hasher.add(workload_overrides_at(plan_, choice));
  }
  hasher.add(fmt::format("sampling {} reuse {} power {} {}", plan_.sampling, plan_.reuse,
                         plan_.power.mode == PowerMode::kBurst ? "burst" : "sustained",
                         plan_.power.operands == Operands::kZeros ? "zeros" : "random"));
  return hasher.digits();
}

}  // namespace orrery

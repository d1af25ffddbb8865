// SPDX-License-Identifier: Apache-2.0
#include "cli/workload_options.h"

#include <array>
#include <charconv>
#include <fmt/format.h>

#include "sim/config_node.h"
#include "sim/error.h"
#include "workloads/workload_file.h"

namespace orrery {
namespace {

constexpr std::array<const char*, 5> kModelOptions{"phase", "batch", "context", "dtype",
                                                   "kv-dtype"};
constexpr std::uint64_t kMostTokens = std::uint64_t{1} << 32;

Dtype dtype_option(const ParsedOptions& parsed, const std::string& option) {
  const std::string& name = parsed.text(option);
  if (const auto dtype = dtype_from(name)) {
    return *dtype;
  }
  std::vector<std::string> known;
  for (const DtypeInfo& info : kDtypes) {
    known.emplace_back(info.name);
  }
  const std::string hint = suggest(name, known);
  throw InputError(
      fmt::format("--{} {}: no such dtype{}{}", option, name, hint.empty() ? "" : ", ", hint));
}

}  // namespace

void add_workload_source_options(OptionSet& options) {
  options
      .value("workload,w", "NAME|FILE", "a name of configs/workloads, a YAML file or a CSV trace")
      .value("model", "NAME|FILE", "a model (Hugging Face config.json) in place of --workload")
      .value("phase", "prefill|decode", "of the model")
      .value("batch", "N", "sequences, default 1")
      .value("context", "N", "tokens of each sequence, default 2048")
      .value("dtype", "DTYPE", "of weights and GEMMs; default: as the model is published")
      .value("kv-dtype", "DTYPE", "of the key-value cache; default: as the activations")
      .list("set-workload", "KEY=VALUE", "overrides a value of the workload file");
}

void add_workload_options(OptionSet& options) {
  add_workload_source_options(options);
  options.value("tile", "MxNxK", "tile of GEMM and attention in place of the mapping's choice")
      .value("stages", "N", "pipeline stages of the tile")
      .value("split", "N", "parts that k (or the key-value cache) is split into")
      .value("cluster", "N", "cores that share loads by multicast");
}

Workload workload_from(const ParsedOptions& parsed,
                       const std::string& config_folder,
                       const std::string& named) {
  if (!named.empty() && parsed.has("workload")) {
    throw InputError(fmt::format("{} and --workload {}: give one", named, parsed.text("workload")));
  }
  const std::string workload = parsed.text("workload", named);
  if (workload.empty() != parsed.has("model")) {
    throw InputError("give either --workload or --model");
  }
  if (!workload.empty()) {
    for (const char* const option : kModelOptions) {
      if (parsed.has(option)) {
        throw InputError(fmt::format(
            "--{} belongs to --model; of a workload file override it with --set-workload", option));
      }
    }
    return load_workload(workload, config_folder, parsed.list("set-workload"));
  }
  if (!parsed.list("set-workload").empty()) {
    throw InputError("--set-workload belongs to --workload");
  }
  ModelRun run;
  const std::string phase = parsed.text("phase");
  const auto known = phase_from(phase);
  if (!known) {
    throw InputError(fmt::format("--phase {}: prefill or decode expected", phase));
  }
  run.phase = *known;
  run.batch = parsed.optional_integer("batch", 1, kMostTokens).value_or(1);
  run.context = parsed.optional_integer("context", 1, kMostTokens).value_or(2048);
  if (parsed.has("dtype")) {
    run.dtype = dtype_option(parsed, "dtype");
  }
  if (parsed.has("kv-dtype")) {
    run.kv_dtype = dtype_option(parsed, "kv-dtype");
  }
  return load_model_workload(parsed.text("model"), config_folder, run);
}

TileOverride tile_from(const ParsedOptions& parsed) {
  constexpr std::uint64_t kMostElements = 1 << 16;
  TileOverride tile;
  if (parsed.has("tile")) {
    const std::string& text = parsed.text("tile");
    const char* at = text.data();
    const char* const end = at + text.size();
    const std::array<std::uint32_t*, 3> edges{&tile.m, &tile.n, &tile.k};
    for (std::size_t i = 0; i < edges.size(); ++i) {
      const auto [next, error] = std::from_chars(at, end, *edges[i]);
      const bool separated = i + 1 < edges.size() ? next != end && *next == 'x' : next == end;
      if (error != std::errc{} || !separated || *edges[i] == 0 || *edges[i] > kMostElements) {
        throw InputError(fmt::format("--tile {}: expected MxNxK, e.g. 128x256x64, each 1 to {}",
                                     text, kMostElements));
      }
      at = next + 1;
    }
  }
  const auto small = [&](const char* name) {
    return static_cast<std::uint32_t>(parsed.optional_integer(name, 1, 1024).value_or(0));
  };
  tile.stages = small("stages");
  tile.split = small("split");
  tile.cluster = small("cluster");
  return tile;
}

}  // namespace orrery

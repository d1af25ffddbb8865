// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/chip_options.h"
#include "cli/command.h"
#include "cli/config_folder.h"
#include "cli/error_bands.h"
#include "cli/options.h"
#include "cli/power_options.h"
#include "cli/record_json.h"
#include "cli/report_tables.h"
#include "cli/run_provenance.h"
#include "cli/simulation_record.h"
#include "cli/workload_options.h"
#include "results/result_file.h"
#include "sim/error.h"
#include "sim/sim_time.h"
#include "workloads/tensor_allocator.h"

namespace orrery {
namespace {

OptionSet options() {
  OptionSet set("orrery run", "simulates a workload on a chip");
  set.value("chip,c", "NAME|FILE", "the chip: a name of configs/chips or a file");
  add_workload_options(set);
  add_chip_options(set);
  add_power_options(set);
  return set.value("output,o", "FILE", "writes the result there, as HDF5")
      .flag("json", "prints one JSON object in place of tables")
      .flag("error-band", "also simulates with each assumed constant at both ends of its range")
      .value("jobs", "N", "of those runs at a time, default 1")
      .flag("no-reuse", "simulates every operator, also those equal to an earlier one")
      .flag("sampling",
            "leaves out what repeats inside large kernels; reports by how much that errs")
      .flag("timeline",
            "keeps what each unit, memory channel and link did over time, for report --perfetto")
      .example("orrery run --chip h100-sxm --workload gemm-4096", "one GEMM")
      .example("orrery run -c maia100 -w llama-3.1-8b-decode -o maia.h5",
               "a decode step of a model, kept for later")
      .example(
          "orrery run -c h100-sxm --model llama-3.1-8b --phase prefill --batch 4 --context 1024",
          "a model without a workload file")
      .example("orrery run -c h100-sxm -w gemm-4096 --tile 128x128x64 --set core.count=66",
               "another tile on half of the cores")
      .example("orrery run -c npu4 -w gemm-4096 --fidelity memory=detailed",
               "with every DRAM command")
      .example("orrery run -c h100-sxm -w gemm-4096 --timeline -o gemm.h5",
               "kept in detail, to look at with `orrery report gemm.h5 --perfetto gemm.pftrace`")
      .example("orrery run -c maia100 -w gemm-4096 --error-band --jobs 8",
               "how far the chip's assumptions may move the result")
      .example("orrery run -c h100-sxm -w gemm-4096 --set power.cap=500W --operands zeros",
               "on less power, and with data that takes less");
}

// Refuses a place that cannot be written before anything is simulated.
void check_output(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty() && !std::filesystem::is_directory(folder, error)) {
    throw InputError(fmt::format("{}: cannot write: {} is not a folder", path, folder.string()));
  }
  if (access(folder.empty() ? "." : folder.c_str(), W_OK) != 0) {
    throw InputError(fmt::format("{}: cannot write: no permission in its folder", path));
  }
  if (std::filesystem::is_directory(path, error)) {
    throw InputError(fmt::format("{}: cannot write: it is a folder", path));
  }
}

// One line that is overwritten, and only for somebody who watches.
class Progress {
 public:
  explicit Progress(std::ostream& err) : err_(err), watched_(isatty(STDERR_FILENO) == 1) {}
  void show(std::size_t index, std::size_t count, const std::string& name) {
    if (watched_) {
      err_ << fmt::format("\r\033[K{}/{} {}", index + 1, count, name) << std::flush;
    }
  }
  void clear() {
    if (watched_) {
      err_ << "\r\033[K" << std::flush;
    }
  }

 private:
  std::ostream& err_;
  bool watched_;
};

int run_run(const std::vector<std::string>& arguments, const Streams& streams) {
  const OptionSet accepted = options();
  const ParsedOptions parsed = accepted.parse(arguments);
  if (parsed.help()) {
    streams.out << accepted.help();
    return kSuccess;
  }
  const std::string started = utc_now();
  const std::vector<std::string> overrides = chip_overrides(parsed);
  const ChipConfig config = load_chip(parsed.text("chip"), config_folder(), overrides);
  const Workload workload = workload_from(parsed, config_folder());
  check_fits(workload, config.memory.capacity_bytes);
  if (parsed.has("error-band") && config.assumed.empty()) {
    throw InputError(fmt::format("run: --error-band: {} lists no assumed constants", config.name));
  }
  const std::size_t jobs = parsed.optional_integer("jobs", 1, 1024).value_or(1);
  if (!config.power && (parsed.has("power-mode") || parsed.has("operands"))) {
    throw InputError(
        fmt::format("{}: its power is not modelled, so --power-mode and --operands "
                    "would do nothing",
                    config.name));
  }
  if (parsed.has("timeline") && parsed.has("sampling")) {
    throw InputError("run: --timeline and --sampling exclude each other");
  }
  if (parsed.has("timeline") && !parsed.has("output")) {
    throw InputError("run: --timeline needs --output, the file in which it is kept");
  }
  if (parsed.has("output")) {
    check_output(parsed.text("output"));
  }
  SimulationOptions simulation;
  simulation.reuse = !parsed.has("no-reuse");
  simulation.tile = tile_from(parsed);
  Progress progress(streams.err);
  simulation.progress = [&](std::size_t index, std::size_t count, const std::string& name) {
    progress.show(index, count, name);
  };
  std::vector<AssumedEnds> ends;
  if (parsed.has("error-band")) {
    ends = simulate_assumed_ends(
        config, parsed.text("chip"), overrides, jobs,
        [&](const ChipConfig& varied) {
          use_femtosecond_resolution();
          Chip chip("chip", varied);
          chip.set_power_protocol(power_protocol(parsed));
          SimulationOptions quiet = simulation;
          quiet.progress = nullptr;
          return class_times(workload, simulate(chip, workload, quiet));
        },
        [&](std::size_t done, std::size_t count) {
          progress.show(done - 1, count, "ends of assumed constants");
        });
  }
  use_femtosecond_resolution();
  Chip chip("chip", config);
  chip.set_power_protocol(power_protocol(parsed));
  if (parsed.has("sampling")) {
    chip.sample();
  }
  if (parsed.has("timeline")) {
    chip.watch_components();
  }
  const SimulationResult result = simulate(chip, workload, simulation);
  progress.clear();

  RunRecord record = make_record(chip, workload, result);
  add_error_bands(record, config, class_times(workload, result), ends);
  add_provenance(record.provenance, "run", arguments, started);
  if (parsed.has("output")) {
    write_result(record, parsed.text("output"));
  }
  if (parsed.has("json")) {
    streams.out << json_text(record_json(record));
  } else {
    print_run(streams.out, record, TableStyle::kText);
  }
  return kSuccess;
}

}  // namespace

Subcommand run_command() {
  return {"run", "simulates a workload on a chip", run_run};
}

}  // namespace orrery

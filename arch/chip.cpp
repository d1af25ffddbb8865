// SPDX-License-Identifier: Apache-2.0
#include "arch/chip.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <stdexcept>
#include <utility>

#include "noc/station_graph.h"
#include "sim/error.h"
#include "sim/random.h"
#include "sim/sim_time.h"

namespace orrery {
namespace {

constexpr std::size_t kTimelineBins = 512;
constexpr std::size_t kEventCapacity = 20'000;
constexpr std::size_t kUnitEventCapacity = 200'000;  // about 1 MB of a result

}  // namespace

Chip::Chip(const sc_core::sc_module_name& name,
           const ChipConfig& config,
           TransferTarget* memory,
           std::uint64_t order_seed)
    : sc_module(name),
      config_(config),
      tensor_timeline_(kTimelineBins),
      vector_timeline_(kTimelineBins),
      hbm_timeline_(kTimelineBins),
      network_timeline_(kTimelineBins),
      energy_timeline_(kTimelineBins),
      events_(kEventCapacity),
      unit_events_(kUnitEventCapacity),
      dispatcher_("dispatcher", counters_) {
  make_modules(memory == nullptr, order_seed);
  if (memory == nullptr) {
    hbm_->engine().set_timeline(&hbm_timeline_);
    memory = hbm_.get();
  }
  wire_l2(*memory);
  wire_sram(*memory);
  for (const std::uint32_t core : core_order_) {
    wire_core(core, *memory);
  }
  set_power_protocol({});
}

void Chip::make_modules(bool with_memory, std::uint64_t order_seed) {
  const NodeLayout layout = config_.layout();
  const SharedMemoryConfig& shared = config_.shared;
  std::vector<std::function<void()>> makers;
  makers.emplace_back([&] {
    network_ = std::make_unique<NetworkModule>("network", config_.network, layout, counters_);
    network_->set_timeline(&network_timeline_);
  });
  if (with_memory) {
    makers.emplace_back([&] {
      hbm_ = std::make_unique<HbmModule>("hbm", config_.memory, layout.first_memory(), counters_);
    });
  }
  l2_.resize(shared.kind == SharedMemoryKind::kL2 ? shared.partitions : 0);
  for (std::uint32_t p = 0; p < l2_.size(); ++p) {
    makers.emplace_back([&, p] {
      l2_[p] = std::make_unique<L2Module>(fmt::format("l2_{}", p).c_str(), shared, p,
                                          layout.first_shared() + p, counters_);
    });
  }
  if (shared.kind == SharedMemoryKind::kSram) {
    makers.emplace_back([&] {
      sram_ = std::make_unique<SharedSramModule>("sram", shared, layout.first_shared(), counters_);
    });
  }
  cores_.resize(config_.core.count);
  for (std::uint32_t i = 0; i < config_.core.count; ++i) {
    makers.emplace_back([&, i] {
      cores_[i] = std::make_unique<CoreModule>(fmt::format("core_{}", i).c_str(), config_.core,
                                               config_.dispatch, i, pool_, counters_);
      core_order_.push_back(i);
    });
  }
  for (std::size_t i = makers.size(); order_seed != 0 && i > 1; --i) {
    std::swap(makers[i - 1], makers[random_below(order_seed, i, i)]);
  }
  for (const std::function<void()>& make : makers) {
    make();
  }
}

Chip::~Chip() = default;

void Chip::wire_l2(TransferTarget& memory) {
  const NodeId first = config_.layout().first_shared();
  for (std::uint32_t p = 0; p < l2_.size(); ++p) {
    l2_[p]->memory_port.bind(memory);
    network_->attach(first + p, *l2_[p]);
  }
  if (l2_.size() == 2) {
    for (std::size_t p = 0; p < 2; ++p) {
      l2_[p]->peer_port.bind(network_->entrance(*l2_[1 - p]));
      l2_[p]->peer_copies.bind(*l2_[1 - p]);
    }
  }
}

void Chip::wire_sram(TransferTarget& memory) {
  if (!sram_) {
    return;
  }
  const NodeId first = config_.layout().first_shared();
  sram_->memory_port.bind(network_->entrance(memory));
  for (std::uint32_t bank = 0; bank < config_.shared.banks; ++bank) {
    network_->attach(first + bank, *sram_);
  }
}

void Chip::wire_core(std::uint32_t index, TransferTarget& memory) {
  CoreModule& core = *cores_[index];
  TransferTarget* nearest = &memory;
  if (!l2_.empty()) {
    nearest = l2_[partition_of(config_.network, config_.layout(), index) % l2_.size()].get();
  } else if (sram_) {
    nearest = sram_.get();
  }
  core.memory_port.bind(network_->entrance(*nearest));
  core.dispatcher_port.bind(dispatcher_);
  core.engine().observe({&tensor_timeline_, &vector_timeline_, &load_latency_, &events_});
  network_->attach(index, core);
}

Chip::Totals Chip::totals() const {
  Totals totals;
  for (const auto& core : cores_) {
    const CoreCounters& c = core->engine().counters();
    totals.flop += c.useful_flop.value();
    totals.transfers += c.transfers.value();
  }
  if (hbm_) {
    totals.hbm_read = hbm_->engine().read_bytes();
    totals.hbm_write = hbm_->engine().write_bytes();
  }
  for (const auto& l2 : l2_) {
    totals.shared +=
        l2->engine().counters().read_bytes.value() + l2->engine().counters().write_bytes.value();
  }
  if (sram_) {
    totals.shared += sram_->engine().counters().read_bytes.value() +
                     sram_->engine().counters().write_bytes.value();
  }
  totals.network = network_->counters().delivered_bytes.value();
  return totals;
}

void Chip::launch(const Kernel& kernel, Femtoseconds start_fs) {
  const std::uint32_t cluster = kernel.cluster_size();
  const auto count = static_cast<std::uint32_t>(cores_.size());
  std::vector<TaskSink*> sinks;
  for (const auto& core : cores_) {
    sinks.push_back(core.get());
  }
  dispatcher_.launch(
      {kernel.task_count(), cluster, count, kernel.contexts_per_core(), config_.dispatch.policy},
      start_fs, std::move(sinks));
  for (const std::uint32_t i : core_order_) {
    const std::uint32_t first = i / cluster * cluster;
    std::vector<SemaphoreSink*> peers;
    for (std::uint32_t peer = first; peer < std::min(first + cluster, count); ++peer) {
      if (peer != i) {
        peers.push_back(cores_[peer].get());
      }
    }
    cores_[i]->begin_kernel(kernel, i - first, first, std::move(peers));
  }
}

OperatorRun Chip::run(const std::vector<std::unique_ptr<Kernel>>& kernels, std::uint32_t op) {
  const Totals before = totals();
  OperatorRun run;
  const Femtoseconds credited_before_fs = credited_fs();
  const Femtoseconds error_before_fs = sampling_error_fs();
  run.start_fs = reported_fs(free_fs_);
  begin_power(run.start_fs);
  events_.set_op(op);
  unit_events_.set_op(op);
  for (const auto& core : cores_) {
    core->engine().accounting().begin(free_fs_);
  }
  Femtoseconds launch_fs = free_fs_;
  std::vector<CoreAccounting::Launch> launches;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    Femtoseconds latency_fs = 0;
    if (!kernels[i]->continues()) {
      latency_fs = i == 0 ? config_.dispatch.kernel_launch_fs
                          : config_.dispatch.following_launch_fs(kernels[i]->launches_early());
    }
    launch(*kernels[i], launch_fs + latency_fs);
    launches.push_back({launch_fs, launch_fs + latency_fs});
    if (sampler_) {
      sampler_->begin(*kernels[i], launch_fs + latency_fs);
    }
    run_until_idle();
    for (const auto& core : cores_) {
      core->settle();
    }
    if (!dispatcher_.all_ended()) {
      report_deadlock();
    }
    events_.add(EventLog::Kind::kKernel, static_cast<std::uint32_t>(i), launch_fs,
                dispatcher_.end_fs());
    launch_fs = dispatcher_.end_fs();
  }
  free_fs_ = launch_fs + config_.dispatch.kernel_end_fs;
  run.end_fs = reported_fs(free_fs_);
  for (const auto& core : cores_) {
    const TimeSplit& split = core->engine().accounting().finish(launch_fs, free_fs_, launches);
    for (std::size_t i = 0; i < split.size(); ++i) {
      run.split[i] += split[i];
    }
  }
  run.credited_fs = credited_fs() - credited_before_fs;
  run.sampling_error_fs = sampling_error_fs() - error_before_fs;
  if (component_timelines_) {
    component_timelines_->look(free_fs_);
  }
  const Totals after = totals();
  run.flop = after.flop - before.flop;
  run.hbm_read_bytes = after.hbm_read - before.hbm_read;
  run.hbm_write_bytes = after.hbm_write - before.hbm_write;
  run.shared_bytes = after.shared - before.shared;
  run.network_bytes = after.network - before.network;
  run.transfers = after.transfers - before.transfers;
  finish_power(run);
  return run;
}

void Chip::report_deadlock() const {
  std::vector<std::string> lines;
  dispatcher_.report_waits(lines);
  for (const auto& core : cores_) {
    core->report_waits(lines);
  }
  network_->report_waits(lines);
  for (const auto& l2 : l2_) {
    l2->report_waits(lines);
  }
  if (sram_) {
    sram_->report_waits(lines);
  }
  if (hbm_) {
    hbm_->report_waits(lines);
  }
  constexpr std::size_t kMostLines = 40;
  const std::size_t all = lines.size();
  if (all > kMostLines) {
    lines.resize(kMostLines);
    lines.push_back(fmt::format("... and {} more", all - kMostLines));
  }
  throw DeadlockError(
      fmt::format("deadlock at {} us: no event is left and work is outstanding\n  {}",
                  to_microseconds(now_fs()), fmt::join(lines, "\n  ")));
}

std::uint64_t Chip::activations() const {
  std::uint64_t sum = 0;
  for (const CounterEntry& entry : counters_.entries()) {
    if (entry.path.ends_with(".activations")) {
      sum += entry.counter->value();
    }
  }
  return sum;
}

void Chip::drain() {
  sc_core::sc_start();
  free_fs_ = std::max(free_fs_, now_fs());
}

void Chip::preload(const Block& block, bool dirty, std::uint32_t expected_reads) {
  for (const auto& l2 : l2_) {
    l2->preload(block, dirty);
  }
  if (sram_) {
    sram_->engine().preload(block, dirty, expected_reads);
  }
}

void Chip::release(std::uint64_t begin, std::uint64_t end) {
  if (sram_) {
    sram_->engine().release(begin, end);
  }
}

std::uint64_t Chip::flush_bytes() {
  std::uint64_t bytes = 0;
  const auto add = [&](const std::vector<Block>& blocks) {
    for (const Block& block : blocks) {
      bytes += block.bytes();
    }
  };
  for (const auto& l2 : l2_) {
    add(l2->flush());
  }
  if (sram_) {
    add(sram_->engine().flush());
  }
  return bytes;
}

void Chip::reset() {
  sc_core::sc_start();  // what memory works on
  dispatcher_.reset();
  for (const auto& core : cores_) {
    core->reset();
    core->engine().set_clock(config_.core.clock_hz);
  }
  network_->reset();
  for (const auto& l2 : l2_) {
    l2->reset();
  }
  if (sram_) {
    sram_->reset();
  }
  if (hbm_) {
    hbm_->reset();
  }
  restart_time();
  free_fs_ = 0;
  counters_.reset();
  for (Timeline* timeline : {&tensor_timeline_, &vector_timeline_, &hbm_timeline_,
                             &network_timeline_, &energy_timeline_}) {
    timeline->reset();
  }
  load_latency_.reset();
  events_.reset();
  unit_events_.reset();
  if (component_timelines_) {
    watch_components();
  }
  inserted_ = {};
  if (sampler_) {
    sample();
  }
  set_power_protocol(protocol_);
}

void Chip::watch_components() {
  if (sampler_) {
    throw std::logic_error("what is left out cannot be watched");
  }
  component_timelines_ = std::make_unique<ComponentTimelines>(
      counters_, [this] { return network_->link_loads(); }, kTimelineBins, free_fs_);
  network_->watch(now_fs(), [this](Femtoseconds now) { return component_timelines_->look(now); });
  for (const auto& core : cores_) {
    core->engine().log_units(&unit_events_);
  }
}

void Chip::forget_data() {
  drain();
  for (const auto& l2 : l2_) {
    l2->invalidate();
  }
  if (sram_) {
    sram_->invalidate();
  }
}

}  // namespace orrery

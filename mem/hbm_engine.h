// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mem/hbm_config.h"
#include "mem/request.h"
#include "sim/counters.h"
#include "sim/transfer.h"

namespace orrery {

class Timeline;   // sim/timeline.h
class Histogram;  // sim/histogram.h

// What the HBM module asks of either tier.
class HbmEngine {
 public:
  struct Completion {
    Request request;
    Femtoseconds at_fs = 0;  // now or later
  };

  virtual ~HbmEngine() = default;

  // Takes a request that arrives now. Times of calls do not go back.
  virtual void accept(const Request& request, Femtoseconds now_fs) = 0;
  // `advance` must be called by then, for a completion to be known in time; kNever: need not.
  virtual Femtoseconds next_event() const = 0;
  virtual void advance(Femtoseconds now_fs) = 0;
  // Requests whose end has become known since the last look; the caller takes them out.
  std::vector<Completion>& completions() { return completions_; }

  // Adds to `node_bytes`, by node of HbmConfig, what each holds of the transfer.
  virtual void add_node_bytes(const Transfer& transfer,
                              std::vector<std::uint64_t>& node_bytes) const = 0;

  virtual std::uint64_t read_bytes() const = 0;
  virtual std::uint64_t write_bytes() const = 0;
  // Most loaded channel over the mean, in thousandths; 1000 when nothing has moved.
  virtual std::uint64_t imbalance_permille() const = 0;
  // Latency of reads in the controller, in femtoseconds; empty where it is not counted.
  virtual Histogram read_latency() const;

  // Adds "<path>.read_bytes" and the rest. The engine must outlive the registry's use.
  virtual void register_counters(CounterRegistry& registry, const std::string& path) = 0;
  // Bytes over time; null for none.
  void set_timeline(Timeline* bytes) { timeline_ = bytes; }

  // Idle channels, as if nothing had run; counters stay. Nothing may be outstanding.
  virtual void reset() = 0;

 protected:
  static std::uint64_t permille_over_mean(const std::vector<std::uint64_t>& loads);

  std::vector<Completion> completions_;
  Timeline* timeline_ = nullptr;
};

std::unique_ptr<HbmEngine> make_hbm_engine(const HbmConfig& config);

}  // namespace orrery

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "noc/network_engine.h"
#include "sim/counters.h"
#include "sim/timeline.h"

namespace orrery {

// What each unit of a core, each memory channel and each link of the network did over time, for
// those who ask for it (`Chip::watch_components`): a timeline each. Nothing is counted for them:
// `look` reads the counters that are there and spreads what was added since the last look over the
// time since then. It asks to be called again when another bin has passed, so the number of looks
// is bounded however long a run is. What a unit computes is counted when it ends, so a bin can be
// ahead of or behind the truth by one command.
class ComponentTimelines {
 public:
  struct Track {
    std::string component;  // "core_3.tensor", "hbm.channel[5]", "network.core 3 out"
    std::string counter;    // "busy", "bytes"
    std::string unit;
    Timeline timeline;
  };

  // `links` says what the links have carried so far. Counters and links must stay the same.
  ComponentTimelines(const CounterRegistry& counters,
                     std::function<std::vector<LinkLoad>()> links,
                     std::size_t bins,
                     Femtoseconds start_fs);

  // Returns when to look again. Times do not go back.
  Femtoseconds look(Femtoseconds now_fs);

  const std::vector<Track>& tracks() const { return tracks_; }

 private:
  std::vector<std::uint64_t> amounts() const;

  std::vector<const Counter*> watched_;  // of the first tracks; those of links follow
  std::function<std::vector<LinkLoad>()> links_;
  std::vector<Track> tracks_;
  std::vector<std::uint64_t> seen_;
  Femtoseconds seen_fs_;
};

}  // namespace orrery

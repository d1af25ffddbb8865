// SPDX-License-Identifier: Apache-2.0
#include "arch/chip_timelines.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace orrery {
namespace {

struct Watched {
  std::string_view ending;  // of the counter's path
  std::string_view engine;  // what the component is called in its place
  std::string_view counter;
};

// Counters that are watched, by the ends of their paths.
constexpr std::array kWatched{
    Watched{".tensor_busy", ".tensor", "busy"},
    Watched{".vector_busy", ".vector", "busy"},
    Watched{".load_bytes", ".load", "bytes"},
    Watched{".store_bytes", ".store", "bytes"},
};
constexpr std::string_view kChannel = ".channel[";
constexpr std::array<std::string_view, 3> kChannelCounters{"bytes", "reads", "writes"};

// "hbm.channel[5].bytes": of the fast tier; the detailed one counts bursts.
std::optional<std::pair<std::string, std::string>> channel_track(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  if (path.find(kChannel) == std::string::npos || dot == std::string::npos || dot == 0 ||
      path[dot - 1] != ']') {
    return std::nullopt;
  }
  const std::string counter = path.substr(dot + 1);
  const bool wanted = std::find(kChannelCounters.begin(), kChannelCounters.end(), counter) !=
                      kChannelCounters.end();
  return wanted ? std::optional(std::pair(path.substr(0, dot), counter)) : std::nullopt;
}

// Component and counter of a track; `full_path` begins with the chip's own name.
std::optional<std::pair<std::string, std::string>> track_of(const std::string& full_path) {
  const std::string path = full_path.substr(full_path.find('.') + 1);
  for (const Watched& watched : kWatched) {
    if (path.ends_with(watched.ending)) {
      const std::string owner = path.substr(0, path.size() - watched.ending.size());
      return std::pair(owner + std::string(watched.engine), std::string(watched.counter));
    }
  }
  return channel_track(path);
}

}  // namespace

ComponentTimelines::ComponentTimelines(const CounterRegistry& counters,
                                       std::function<std::vector<LinkLoad>()> links,
                                       std::size_t bins,
                                       Femtoseconds start_fs)
    : links_(std::move(links)), seen_fs_(start_fs) {
  for (const CounterEntry& entry : counters.entries()) {
    if (const auto track = track_of(entry.path)) {
      watched_.push_back(entry.counter);
      tracks_.push_back({track->first, track->second, entry.unit, Timeline(bins)});
    }
  }
  for (const LinkLoad& link : links_()) {
    tracks_.push_back({"network." + link.name, "bytes", "byte", Timeline(bins)});
  }
  seen_ = amounts();
}

std::vector<std::uint64_t> ComponentTimelines::amounts() const {
  std::vector<std::uint64_t> amounts;
  amounts.reserve(tracks_.size());
  for (const Counter* counter : watched_) {
    amounts.push_back(counter->value());
  }
  for (const LinkLoad& link : links_()) {
    amounts.push_back(link.request_bytes + link.response_bytes);
  }
  return amounts;
}

Femtoseconds ComponentTimelines::look(Femtoseconds now_fs) {
  std::vector<std::uint64_t> now = amounts();
  Femtoseconds bin_fs = kFsPerNanosecond;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    if (now[i] > seen_[i]) {
      tracks_[i].timeline.add(seen_fs_, now_fs, now[i] - seen_[i]);
    }
    bin_fs = std::max(bin_fs, tracks_[i].timeline.bin_fs());
  }
  seen_ = std::move(now);
  seen_fs_ = now_fs;
  return now_fs + bin_fs;
}

}  // namespace orrery

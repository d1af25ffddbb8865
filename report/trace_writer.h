// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/units.h"

namespace orrery {

// Builds a trace for Perfetto (ui.perfetto.dev): tracks of slices and of counters, each below a
// parent. Slices of one track that overlap go to further tracks of the same name, for Perfetto
// nests what is on one. Times are rounded down to nanoseconds, which is what the format has.
class TraceWriter {
 public:
  using Track = std::uint64_t;
  static constexpr Track kNone = 0;

  // Tracks of the same name and parent are one.
  Track track(const std::string& name, Track parent = kNone);
  Track counter(const std::string& name, Track parent);

  void slice(Track track, const std::string& name, Femtoseconds start_fs, Femtoseconds end_fs);
  void value(Track counter, Femtoseconds at_fs, std::int64_t value);

  // The trace as it is stored: a protobuf message `Trace`, packets in the order of their times.
  std::string bytes() const;

 private:
  struct TrackEntry {
    std::string name;
    Track parent = kNone;
    bool counts = false;
  };
  struct Slice {
    Track track = kNone;
    std::uint32_t name = 0;
    Femtoseconds start_fs = 0, end_fs = 0;
  };
  struct Value {
    Track track = kNone;
    Femtoseconds at_fs = 0;
    std::int64_t value = 0;
  };

  Track add(const std::string& name, Track parent, bool counts);

  std::vector<TrackEntry> tracks_;  // a track's id is its index + 1
  std::map<std::pair<Track, std::string>, Track> known_;
  std::vector<std::string> names_;
  std::map<std::string, std::uint32_t> name_indices_;
  std::vector<Slice> slices_;
  std::vector<Value> values_;
};

}  // namespace orrery

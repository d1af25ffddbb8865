// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "mem/dram_address_map.h"
#include "sim/transfer.h"

namespace orrery {

// Fixed streams of bursts by which memories are compared (mem/README.md has their rules): any two
// simulators that follow them see the same requests.
enum class StreamPattern : char {
  kSequentialRead = 'a',
  kSequentialWrite = 'b',
  kMix = 'c',          // two reads, one write, each sequential in its half
  kRandomRead = 'd',   // uniform
  kRowConflict = 'e',  // another row of one bank each time
  kIdleRead = 'f',     // random, one at a time
  kTiles = 'g',        // tiles of 128 rows x 256 B of a matrix with a pitch of 8 KiB
};

class RequestStream {
 public:
  struct Item {
    std::uint64_t burst = 0;  // number of the burst
    Access access = Access::kRead;
  };

  RequestStream(StreamPattern pattern, const DramAddressMap& map, const DramGeometry& geometry);

  Item at(std::uint64_t index) const;
  bool one_at_a_time() const { return pattern_ == StreamPattern::kIdleRead; }

 private:
  std::uint64_t burst_at(std::uint64_t index) const;

  StreamPattern pattern_;
  const DramAddressMap& map_;
  DramGeometry geometry_;
  std::uint64_t bursts_of_256_bytes_;
};

}  // namespace orrery

// SPDX-License-Identifier: Apache-2.0
#include "mem/request_stream.h"

#include <algorithm>

namespace orrery {
namespace {

// SplitMix64 of Steele, Lea and Flood (2014).
constexpr std::uint64_t splitmix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

constexpr std::uint64_t kTileRows = 128;
constexpr std::uint64_t kTileBytes = 256;  // a row of a tile
constexpr std::uint64_t kPitchBytes = 8192;
constexpr std::uint64_t kTilesAcross = kPitchBytes / kTileBytes;

}  // namespace

RequestStream::RequestStream(StreamPattern pattern,
                             const DramAddressMap& map,
                             const DramGeometry& geometry)
    : pattern_(pattern),
      map_(map),
      geometry_(geometry),
      bursts_of_256_bytes_(std::max<std::uint64_t>(1, kTileBytes / geometry.burst_bytes)) {}

std::uint64_t RequestStream::burst_at(std::uint64_t i) const {
  switch (pattern_) {
    case StreamPattern::kSequentialRead:
    case StreamPattern::kSequentialWrite:
      return i;
    case StreamPattern::kMix:
      return i % 3 < 2 ? i / 3 * 2 + i % 3 : map_.bursts() / 2 + i / 3;
    case StreamPattern::kRandomRead:
    case StreamPattern::kIdleRead:
      return splitmix64(i);
    case StreamPattern::kRowConflict: {
      DramPlace place;
      place.row = static_cast<std::uint32_t>(i % geometry_.rows);
      return map_.burst_of(place);
    }
    case StreamPattern::kTiles: {
      const std::uint64_t tile = i / (kTileRows * bursts_of_256_bytes_);
      const std::uint64_t within = i % (kTileRows * bursts_of_256_bytes_);
      const std::uint64_t row = tile / kTilesAcross * kTileRows + within / bursts_of_256_bytes_;
      const std::uint64_t byte = row * kPitchBytes + tile % kTilesAcross * kTileBytes;
      return byte / geometry_.burst_bytes + within % bursts_of_256_bytes_;
    }
  }
  return 0;
}

RequestStream::Item RequestStream::at(std::uint64_t i) const {
  const bool write = pattern_ == StreamPattern::kSequentialWrite ||
                     (pattern_ == StreamPattern::kMix && i % 3 == 2);
  return {burst_at(i) % map_.bursts(), write ? Access::kWrite : Access::kRead};
}

}  // namespace orrery

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/units.h"

// Plain values that travel between cores, network and memory. No SystemC here.
namespace orrery {

// A position on the network, numbered over the whole chip: cores first, then shared-memory nodes
// (L2 partitions, SRAM banks), then memory nodes (HBM stacks or channels).
using NodeId = std::uint32_t;

// A rectangle of a matrix that lies row by row in memory. Rows and columns are kept beside the
// matrix's base, because caches tag rectangles of a matrix (see mem/l2_cache.h).
struct Block {
  std::uint64_t base_address = 0;  // of the matrix, aligned to kTensorAlignmentBytes
  std::uint64_t pitch_bytes = 0;   // distance between the starts of two rows
  std::uint32_t matrix_rows = 1;   // of the whole matrix: decides the shape of cache blocks
  std::uint32_t first_row = 0;
  std::uint64_t first_byte = 0;  // within the row
  std::uint32_t rows = 1;
  std::uint32_t row_bytes = 0;

  std::uint64_t bytes() const { return std::uint64_t{rows} * row_bytes; }
  std::uint64_t row_address(std::uint32_t row) const {
    return base_address + (std::uint64_t{first_row} + row) * pitch_bytes + first_byte;
  }
  bool operator==(const Block&) const = default;
};

// Every matrix starts at a multiple of this, so that address bits and matrix position agree.
inline constexpr std::uint64_t kTensorAlignmentBytes = 4096;

enum class Access : std::uint8_t { kRead, kWrite };

// What software says of the future of the data. An L2 may use it to choose victims; a
// software-managed SRAM obeys it.
enum class Placement : std::uint8_t {
  kShared,   // keep in shared memory until it has been read `expected_reads` times
  kStream,   // used once: pass by
  kThrough,  // a write: keep for readers, and write to memory at once, so that it may be dropped
};

// Where a transfer spends its time.
enum class Stage : std::uint8_t { kCredit, kNetwork, kShared, kMemory };
inline constexpr std::size_t kStageCount = 4;

// The part of a transfer that one node holds.
struct Share {
  NodeId node = 0;
  std::uint64_t bytes = 0;
};

// One movement of data between an initiator (a core's DMA engine, or a cache that fills) and
// memory. It lives in its initiator's pool; exactly one component holds it at a time.
struct Transfer {
  struct Segment {
    Stage stage = Stage::kCredit;
    Femtoseconds end_fs = 0;
  };

  std::vector<Block> blocks;  // one from a DMA engine; a cache's fill may carry several
  Access access = Access::kRead;
  Placement placement = Placement::kShared;
  std::uint32_t expected_reads = 1;  // of each byte, until the data is dead in shared memory

  NodeId source = 0;           // the initiator's node
  std::uint64_t sequence = 0;  // the initiator's own count: with `source` a unique key
  NodeId first_receiver = 0;   // a read's data goes to `count` nodes from here, `step` apart
  std::uint32_t receiver_count = 1;
  std::uint32_t receiver_step = 1;
  std::uint32_t receivers_left = 0;  // that have not yet taken delivery
  std::vector<Share> shares;         // over the target's nodes, filled in by the target's spread
  std::uint64_t tag = 0;             // the initiator's, returned untouched
  std::uint32_t slot = 0;            // the network's, while the target has it

  Femtoseconds issued_fs = 0;  // when it was asked for: the start of the first segment
  std::array<Segment, 12> segments{};
  std::uint32_t segment_count = 0;

  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const Block& block : blocks) {
      sum += block.bytes();
    }
    return sum;
  }

  // The time since the last mark was spent in `stage`. Past the last slot the last one grows.
  void mark(Stage stage, Femtoseconds now_fs) {
    if (segment_count > 0 &&
        (segments[segment_count - 1].stage == stage || segment_count == segments.size())) {
      segments[segment_count - 1].end_fs = now_fs;
      return;
    }
    segments[segment_count++] = {stage, now_fs};
  }
};

}  // namespace orrery

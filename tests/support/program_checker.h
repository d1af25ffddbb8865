// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "arch/program.h"

namespace orrery {

// What the programs of a kernel did, in all.
struct ProgramCount {
  std::string failure;  // "" when nothing was wrong, else the first thing that was
  std::uint64_t tasks_ended = 0;
  std::uint64_t useful_flop = 0;
  std::uint64_t alu_ops = 0;
  std::uint64_t special_ops = 0;
  std::uint64_t matmuls = 0;
  std::uint64_t vector_commands = 0;
  std::uint64_t peak_unread_bytes = 0;  // of one context: loaded, and nobody has read them yet
  std::map<std::uint64_t, std::uint64_t> load_bytes;   // by base address of the matrix
  std::map<std::uint64_t, std::uint64_t> store_bytes;  // the same
  std::vector<Block> loads;
  std::vector<Block> stores;
};

// How streams are interleaved. Any order must work; these are the extremes.
enum class Interleaving : std::uint8_t {
  kLoadsFirst,   // loads run as far ahead as semaphores let them: the most scratchpad
  kRoundRobin,   // each stream one command in turn
  kStoresFirst,  // work is finished before more is begun
};

// Whether a context may load ahead of the scratchpad that its kernel declares: kernels that merge
// several steps of the hardware's into one command do.
enum class RoomCheck : std::uint8_t { kOn, kOff };

// Runs the programs of a kernel without time: on `clusters` clusters of cores, with all contexts of
// the kernel, tasks handed out in order as contexts have room. Checks that
//  - all streams finish (else `failure` says which stream waits for what),
//  - every task ends once, and no context ends a task that it was not given,
//  - semaphores exist, and blocks lie within their matrices,
//  - a context never holds more unread bytes than the scratchpad it declares. (Data counts from
//    the load's issue until the first command that waited for it is done: a lower bound of what a
//    program needs, which a ring that is overrun by its loads exceeds.)
ProgramCount run_programs(const Kernel& kernel,
                          std::uint32_t clusters = 2,
                          Interleaving interleaving = Interleaving::kRoundRobin,
                          RoomCheck room = RoomCheck::kOn);

// How often bytes [0, row_bytes) of the matrix rows [0, rows) at `base_address` occur in the
// blocks, row after row: 1 everywhere when each is loaded, or stored, exactly once.
std::vector<std::uint32_t> coverage(const std::vector<Block>& blocks,
                                    std::uint64_t base_address,
                                    std::uint64_t rows,
                                    std::uint64_t row_bytes);

}  // namespace orrery

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arch/core_config.h"
#include "arch/program.h"

namespace orrery {

// A piece of a streaming operator: what is loaded, computed on, and stored.
struct Chunk {
  std::vector<TransferWork> loads;
  VectorWork work;
  std::vector<TransferWork> stores;
};

// A kernel that streams chunks through the scratchpad: load, vector work, store, in a ring of
// stages. A chunk's results replace its inputs in its stage, so a stage is free when the results
// have been stored. Task t of T goes through the chunks t, t + T, t + 2T, ...: neighbouring cores
// work on neighbouring addresses, as GPU kernels with grid-stride loops do, and T is at most one
// task per core and context, so that a task pays its start only once.
class ChunkKernel : public Kernel {
 public:
  struct Plan {
    std::uint64_t chunks = 0;
    std::uint64_t tasks = 0;
    std::uint32_t stages = 2;
    std::uint32_t contexts = 1;
    std::uint64_t stage_bytes = 0;     // of the largest chunk, inputs or outputs
    std::uint64_t resident_bytes = 0;  // of what is loaded once and kept
  };

  ChunkKernel(std::string name, const Plan& plan) : name_(std::move(name)), plan_(plan) {}

  // Chunk `index` of plan().chunks. Every chunk loads and stores something.
  virtual Chunk chunk(std::uint64_t index) const = 0;
  // Loaded at the start of each program and kept: the weights of a normalisation.
  virtual std::vector<TransferWork> resident() const { return {}; }
  const Plan& plan() const { return plan_; }

  const std::string& name() const override { return name_; }
  std::uint64_t task_count() const override { return plan_.tasks; }
  std::uint32_t contexts_per_core() const override { return plan_.contexts; }
  std::uint64_t scratchpad_bytes() const override {
    return plan_.stages * plan_.stage_bytes + plan_.resident_bytes;
  }
  std::uint64_t accumulator_bytes() const override { return 0; }
  KernelPeriod period() const override;
  std::unique_ptr<CoreProgram> make_program(std::uint32_t rank) const override;

 private:
  std::string name_;
  Plan plan_;
};

// Contexts that a streaming kernel uses: two hide each other's waits, more only cost events.
inline std::uint32_t streaming_contexts(const CoreConfig& core) {
  return std::clamp(core.max_contexts, 1U, 2U);
}

// Fills in tasks, stages and contexts for chunks of `stage_bytes`: as many contexts as the core has
// and up to four stages, less where the scratchpad is small. Throws InputError naming both sizes
// when not even one stage fits.
void plan_chunks(ChunkKernel::Plan& plan, const CoreConfig& core, const std::string& name);

}  // namespace orrery

// SPDX-License-Identifier: Apache-2.0
// What a core engine says of itself when nothing can move any more.
#include <array>
#include <fmt/format.h>

#include "arch/core_engine.h"

namespace orrery {

void CoreEngine::report_waits(const std::string& name, std::vector<std::string>& lines) const {
  static constexpr std::array<const char*, kStreamCount> kNames{"load", "tensor", "vector",
                                                                "store"};
  for (std::size_t c = 0; c < contexts_.size(); ++c) {
    const Context& context = contexts_[c];
    for (std::size_t i = 0; i < kStreamCount; ++i) {
      const StreamState& s = context.streams[i];
      if (s.status == StreamStatus::kNeedsTask && context.requested) {
        lines.push_back(
            fmt::format("{} context {} {} stream waits for the dispatcher to assign a task", name,
                        c, kNames[i]));
      }
      if (s.status == StreamStatus::kReady) {
        lines.push_back(
            fmt::format("{} context {} {} stream waits for its engine", name, c, kNames[i]));
      }
      if (s.status != StreamStatus::kWaits) {
        continue;
      }
      for (const Wait& wait : s.command.waits) {
        if (wait.semaphore != kNoSemaphore &&
            context.semaphores[wait.semaphore].value < wait.value) {
          lines.push_back(fmt::format(
              "{} context {} {} stream waits for semaphore {} >= {} (is {})", name, c, kNames[i],
              wait.semaphore, wait.value, context.semaphores[wait.semaphore].value));
        }
      }
    }
    if (context.tasks_held > 0) {
      lines.push_back(fmt::format("{} context {} holds {} tile tasks ({} of them starting)", name,
                                  c, context.tasks_held, context.tasks_starting));
    }
    if (!context.loads.empty()) {
      lines.push_back(
          fmt::format("{} context {} waits for {} loads under way", name, c, context.loads.size()));
    }
  }
  if (load_dma_.waits_for_credit()) {
    lines.push_back(fmt::format("{} load DMA waits for credit ({} B outstanding)", name,
                                load_dma_.outstanding_bytes()));
  }
  if (!stores_.empty()) {
    lines.push_back(fmt::format("{} waits for {} stores to be accepted", name, stores_.size()));
  }
}

}  // namespace orrery

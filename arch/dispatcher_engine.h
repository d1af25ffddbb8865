// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "arch/core_config.h"

namespace orrery {

// Decides which core works on which tile task. Tasks are handed out in groups of a cluster's size:
// core r of a cluster gets task r of the group. Dynamic: a cluster that falls free gets the next
// group. Static: cluster c of n gets groups c, c + n, ... whatever the others do.
class DispatcherEngine {
 public:
  struct Grid {
    std::uint64_t tasks = 0;
    std::uint32_t cluster_size = 1;
    std::uint32_t cores = 1;  // those beyond the last whole cluster get nothing
    std::uint32_t contexts = 1;
    DispatchPolicy policy = DispatchPolicy::kDynamic;
  };

  void begin(const Grid& grid);
  // The next task of a core's context; nothing when no task is left for it.
  std::optional<std::uint64_t> next_task(std::uint32_t core, std::uint32_t context);
  void end_tasks(std::uint64_t count) { ended_ += count; }
  // Tasks that can be left out: those that no cluster has drawn yet (static: in whole rounds).
  std::uint64_t waiting_tasks() const;
  // Leaves the next `count` waiting tasks out, as if they had ended: whole groups, under the static
  // policy whole rounds over all contexts. Returns which they are.
  struct TaskRange {
    std::uint64_t first = 0, count = 0;
  };
  std::vector<TaskRange> skip_tasks(std::uint64_t count);
  bool is_static() const { return grid_.policy == DispatchPolicy::kStatic; }
  // Cores of whole clusters: the others get nothing.
  std::uint32_t busy_cores() const { return grid_.cores / grid_.cluster_size * grid_.cluster_size; }
  // Tasks of all contexts together.
  std::uint64_t slots() const { return shares_.size() * grid_.cluster_size; }
  bool all_ended() const { return ended_ == grid_.tasks; }
  std::uint64_t ended() const { return ended_; }
  std::uint64_t tasks() const { return grid_.tasks; }

 private:
  // The groups that a context of a cluster has drawn and not all of its cores have taken.
  struct Share {
    std::deque<std::uint64_t> groups;
    std::uint64_t first = 0;           // number of groups.front()
    std::uint64_t drawn = 0;           // groups so far
    std::vector<std::uint64_t> taken;  // by rank
  };
  std::optional<std::uint64_t> draw(std::uint32_t cluster, std::uint32_t context, Share& share);

  Grid grid_;
  std::uint64_t groups_ = 0;
  std::uint64_t next_group_ = 0;
  std::uint64_t ended_ = 0;
  std::vector<Share> shares_;  // by context, then cluster
};

}  // namespace orrery

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace orrery {

// What came of one piece of work: its answer, or why there is none.
struct WorkOutcome {
  std::string answer;
  std::string error;
};

// Does pieces 0 to count - 1 of `work`, each in a process of its own, at most `jobs` at a time. A
// process a piece, because a process holds one SystemC simulation: every piece starts from the
// same state, so outcomes depend neither on `jobs` nor on the order, and a piece that throws or
// dies takes no other with it. The caller must hold no SystemC object and no other thread.
// `ended` is called with the number of pieces that have ended. Throws std::runtime_error when the
// system gives no process.
std::vector<WorkOutcome> run_forked(std::size_t count,
                                    std::size_t jobs,
                                    const std::function<std::string(std::size_t)>& work,
                                    const std::function<void(std::size_t)>& ended);

// The same with a process for each batch of pieces, which it does one after another and may keep
// things between: `work` must see to it that they do not show. After a piece that throws or dies a
// new process goes on with the rest of its batch.
std::vector<WorkOutcome> run_batches(const std::vector<std::vector<std::size_t>>& batches,
                                     std::size_t jobs,
                                     const std::function<std::string(std::size_t)>& work,
                                     const std::function<void(std::size_t)>& ended);

}  // namespace orrery

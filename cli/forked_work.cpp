// SPDX-License-Identifier: Apache-2.0
#include "cli/forked_work.h"

#include <array>
#include <cerrno>
#include <deque>
#include <fmt/format.h>
#include <poll.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace orrery {
namespace {

using Batch = std::vector<std::size_t>;

struct Worker {
  pid_t process = 0;
  int pipe = -1;
  Batch batch;
  std::size_t done = 0;  // pieces of it
  std::string text;      // what it has said and nobody has taken
};

void write_all(int pipe, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = write(pipe, text.data() + written, text.size() - written);
    if (count < 0 && errno != EINTR) {
      return;
    }
    written += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

// Says of each piece "=answer" or "!message" behind its length. Never returns: nothing of the
// parent's may run twice.
[[noreturn]] void do_batch(const std::function<std::string(std::size_t)>& work,
                           const Batch& batch,
                           int pipe) {
  for (const std::size_t piece : batch) {
    std::string said;
    try {
      said = "=" + work(piece);
    } catch (const std::exception& error) {
      said = fmt::format("!{}", error.what());
    }
    write_all(pipe, fmt::format("{}:{}", said.size(), said));
    if (said.front() == '!') {
      break;  // what it kept may be half done
    }
  }
  _exit(0);
}

Worker start(const std::function<std::string(std::size_t)>& work, Batch batch) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) {
    throw std::runtime_error("no pipe for a worker");
  }
  const pid_t process = fork();
  if (process == 0) {
    close(ends[0]);
    do_batch(work, batch, ends[1]);
  }
  close(ends[1]);
  if (process < 0) {
    close(ends[0]);
    throw std::runtime_error("no process for a worker");
  }
  return {process, ends[0], std::move(batch), 0, ""};
}

// Takes what has been said of whole pieces.
std::size_t take_outcomes(Worker& worker, std::vector<WorkOutcome>& outcomes) {
  std::size_t taken = 0;
  while (worker.done < worker.batch.size()) {
    const std::size_t colon = worker.text.find(':');
    if (colon == std::string::npos) {
      break;
    }
    const std::size_t size = std::stoul(worker.text.substr(0, colon));
    if (worker.text.size() - colon - 1 < size) {
      break;
    }
    WorkOutcome& outcome = outcomes[worker.batch[worker.done]];
    const std::string said = worker.text.substr(colon + 1, size);
    (said.front() == '=' ? outcome.answer : outcome.error) = said.substr(1);
    worker.text.erase(0, colon + 1 + size);
    ++worker.done;
    ++taken;
    if (said.front() == '!') {
      break;
    }
  }
  return taken;
}

// Why a process ended without an answer to the piece it was at; empty when it chose to.
std::string cause_of_death(const Worker& worker) {
  close(worker.pipe);
  int status = 0;
  while (waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    return fmt::format("its process died of signal {}", WTERMSIG(status));
  }
  return WEXITSTATUS(status) == 0 ? "" : "its process died";
}

// Reads what a worker says; false when it has said all.
bool read_some(Worker& worker) {
  std::array<char, 4096> buffer{};
  const ssize_t count = read(worker.pipe, buffer.data(), buffer.size());
  if (count > 0) {
    worker.text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return count > 0 || (count < 0 && errno == EINTR);
}

}  // namespace

std::vector<WorkOutcome> run_forked(std::size_t count,
                                    std::size_t jobs,
                                    const std::function<std::string(std::size_t)>& work,
                                    const std::function<void(std::size_t)>& ended) {
  std::vector<Batch> batches;
  for (std::size_t i = 0; i < count; ++i) {
    batches.push_back({i});
  }
  return run_batches(batches, jobs, work, ended);
}

std::vector<WorkOutcome> run_batches(const std::vector<std::vector<std::size_t>>& batches,
                                     std::size_t jobs,
                                     const std::function<std::string(std::size_t)>& work,
                                     const std::function<void(std::size_t)>& ended) {
  std::deque<Batch> waiting(batches.begin(), batches.end());
  std::size_t count = 0;
  for (const Batch& batch : batches) {
    count += batch.size();
  }
  std::vector<WorkOutcome> outcomes(count);
  std::vector<Worker> workers;
  std::size_t done = 0;
  const auto report = [&](std::size_t pieces) {
    for (; pieces > 0; --pieces) {
      ended(++done);
    }
  };
  while (done < count) {
    while (!waiting.empty() && workers.size() < jobs) {
      workers.push_back(start(work, std::move(waiting.front())));
      waiting.pop_front();
    }
    std::vector<pollfd> waits;
    for (const Worker& worker : workers) {
      waits.push_back({worker.pipe, POLLIN, 0});
    }
    if (poll(waits.data(), waits.size(), -1) < 0) {
      continue;  // interrupted
    }
    for (std::size_t i = workers.size(); i-- > 0;) {
      if (waits[i].revents == 0) {
        continue;
      }
      Worker& worker = workers[i];
      if (read_some(worker)) {
        report(take_outcomes(worker, outcomes));
        continue;
      }
      const std::string cause = cause_of_death(worker);
      const bool silent = worker.done == 0 && cause.empty();
      if (worker.done < worker.batch.size() && (silent || !cause.empty())) {
        outcomes[worker.batch[worker.done++]].error = silent ? "its process died" : cause;
        report(1);
      }
      if (worker.done < worker.batch.size()) {
        waiting.emplace_front(worker.batch.begin() + static_cast<std::ptrdiff_t>(worker.done),
                              worker.batch.end());
      }
      workers.erase(workers.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  for (const Worker& worker : workers) {
    cause_of_death(worker);  // all have answered
  }
  return outcomes;
}

}  // namespace orrery

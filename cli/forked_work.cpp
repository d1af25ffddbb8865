// SPDX-License-Identifier: Apache-2.0
#include "cli/forked_work.h"

#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <poll.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace orrery {
namespace {

struct Worker {
  pid_t process = 0;
  int pipe = -1;
  std::size_t piece = 0;
  std::string text;  // what it has said so far
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

// Says "=answer" or "!message". Never returns: nothing of the parent's may run twice.
[[noreturn]] void do_piece(const std::function<std::string(std::size_t)>& work,
                           std::size_t piece,
                           int pipe) {
  std::string said;
  try {
    said = "=" + work(piece);
  } catch (const std::exception& error) {
    said = fmt::format("!{}", error.what());
  }
  write_all(pipe, said);
  _exit(0);
}

Worker start(const std::function<std::string(std::size_t)>& work, std::size_t piece) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) {
    throw std::runtime_error("no pipe for a worker");
  }
  const pid_t process = fork();
  if (process == 0) {
    close(ends[0]);
    do_piece(work, piece, ends[1]);
  }
  close(ends[1]);
  if (process < 0) {
    close(ends[0]);
    throw std::runtime_error("no process for a worker");
  }
  return {process, ends[0], piece, ""};
}

WorkOutcome finish(const Worker& worker) {
  close(worker.pipe);
  int status = 0;
  while (waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
  }
  WorkOutcome outcome;
  if (worker.text.starts_with('=')) {
    outcome.answer = worker.text.substr(1);
  } else if (worker.text.starts_with('!')) {
    outcome.error = worker.text.substr(1);
  }
  if (!WIFEXITED(status) || worker.text.size() < 2) {
    outcome.error = WIFSIGNALED(status)
                        ? fmt::format("its process died of signal {}", WTERMSIG(status))
                        : "its process died";
  }
  return outcome;
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
  std::vector<WorkOutcome> outcomes(count);
  std::vector<Worker> workers;
  std::size_t next = 0;
  std::size_t done = 0;
  while (done < count) {
    while (next < count && workers.size() < jobs) {
      workers.push_back(start(work, next++));
    }
    std::vector<pollfd> waits;
    for (const Worker& worker : workers) {
      waits.push_back({worker.pipe, POLLIN, 0});
    }
    if (poll(waits.data(), waits.size(), -1) < 0) {
      continue;  // interrupted
    }
    for (std::size_t i = workers.size(); i-- > 0;) {
      if (waits[i].revents != 0 && !read_some(workers[i])) {
        outcomes[workers[i].piece] = finish(workers[i]);
        workers.erase(workers.begin() + static_cast<std::ptrdiff_t>(i));
        ended(++done);
      }
    }
  }
  return outcomes;
}

}  // namespace orrery

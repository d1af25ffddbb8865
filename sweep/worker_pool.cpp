// SPDX-License-Identifier: Apache-2.0
#include "sweep/worker_pool.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <deque>
#include <fmt/format.h>
#include <memory>
#include <poll.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/error.h"

namespace orrery {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr int kMostTries = 2;
constexpr char kBrokenOff = '!';  // followed by why the whole sweep must end

// A place for one process at a time, with the shard that they append to.
struct Slot {
  std::unique_ptr<ShardWriter> shard;
  pid_t process = 0;  // 0: none
  int pipe = -1;
  Chunk chunk;
  std::size_t done = 0;  // points of it
  SteadyTime deadline;
  bool timed_out = false;
  std::string broken_off;  // what followed kBrokenOff
  bool breaks_off = false;
};

void say(int pipe, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = write(pipe, text.data() + written, text.size() - written);
    if (count < 0 && errno != EINTR) {
      return;
    }
    written += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

char letter(PointStatus status) {
  return static_cast<char>('a' + static_cast<int>(status));
}

// Says a letter for each point that is recorded. Never returns: nothing of the parent's may run
// twice.
[[noreturn]] void do_chunk(const PointWork& work, Slot& slot, int pipe, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(1);  // it died before that
  }
  try {
    for (const std::size_t point : slot.chunk) {
      const PointRecord record = work(point);
      slot.shard->append(record);
      say(pipe, std::string(1, letter(record.status)));
      if (record.status != PointStatus::kComplete) {
        break;  // what is kept between points may be half done
      }
    }
  } catch (const std::exception& error) {
    say(pipe, kBrokenOff + std::string(error.what()));
  }
  _exit(0);
}

class Pool {
 public:
  Pool(const std::vector<Chunk>& chunks,
       const PoolOptions& options,
       const std::filesystem::path& shards,
       const PointWork& work,
       const std::function<std::string(std::size_t)>& identity,
       const std::function<void(PointStatus)>& ended)
      : waiting_(chunks.begin(), chunks.end()),
        options_(options),
        shards_(shards),
        work_(work),
        identity_(identity),
        ended_(ended),
        slots_(options.jobs) {}

  ~Pool() {  // of an exception: nobody is left behind
    for (const Slot& slot : slots_) {
      if (slot.process != 0) {
        kill(slot.process, SIGKILL);
        waitpid(slot.process, nullptr, 0);
        close(slot.pipe);
      }
    }
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void run() {
    for (;;) {
      bool busy = false;
      for (Slot& slot : slots_) {
        if (slot.process == 0 && !waiting_.empty()) {
          start(slot);
        }
        busy = busy || slot.process != 0;
      }
      if (!busy) {
        return;
      }
      wait();
    }
  }

 private:
  void start(Slot& slot) {
    slot.chunk = std::move(waiting_.front());
    waiting_.pop_front();
    slot.done = 0;
    slot.timed_out = false;
    slot.breaks_off = false;
    slot.broken_off.clear();
    if (!slot.shard) {
      slot.shard = std::make_unique<ShardWriter>(shards_);
    }
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) {
      throw std::runtime_error("no pipe for a worker");
    }
    const pid_t parent = getpid();
    const pid_t process = fork();
    if (process == 0) {
      close(ends[0]);
      do_chunk(work_, slot, ends[1], parent);
    }
    close(ends[1]);
    if (process < 0) {
      close(ends[0]);
      throw std::runtime_error("no process for a worker");
    }
    slot.process = process;
    slot.pipe = ends[0];
    set_deadline(slot);
  }

  void set_deadline(Slot& slot) const {
    slot.deadline = std::chrono::steady_clock::now() +
                    std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                        std::chrono::duration<double>(options_.timeout_s));
  }

  void wait() {
    std::vector<pollfd> waits;
    std::vector<Slot*> of;
    SteadyTime first = SteadyTime::max();
    for (Slot& slot : slots_) {
      if (slot.process != 0) {
        waits.push_back({slot.pipe, POLLIN, 0});
        of.push_back(&slot);
        first = slot.timed_out ? first : std::min(first, slot.deadline);
      }
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        first - std::chrono::steady_clock::now());
    const auto pause_ms = std::clamp<std::int64_t>(left.count() + 1, 0, 60'000);
    if (poll(waits.data(), waits.size(), static_cast<int>(pause_ms)) < 0) {
      return;  // interrupted
    }
    for (std::size_t i = 0; i < waits.size(); ++i) {
      if (waits[i].revents != 0) {
        listen(*of[i]);
      } else if (!of[i]->timed_out && std::chrono::steady_clock::now() >= of[i]->deadline) {
        of[i]->timed_out = true;
        kill(of[i]->process, SIGKILL);
      }
    }
  }

  void listen(Slot& slot) {
    std::array<char, 4096> buffer{};
    const ssize_t count = read(slot.pipe, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) {
      return;
    }
    if (count <= 0) {
      end(slot);
      return;
    }
    for (ssize_t i = 0; i < count; ++i) {
      const char c = buffer[static_cast<std::size_t>(i)];
      if (slot.breaks_off) {
        slot.broken_off += c;
      } else if (c == kBrokenOff) {
        slot.breaks_off = true;
      } else {
        ++slot.done;
        ended_(static_cast<PointStatus>(c - 'a'));
        set_deadline(slot);
      }
    }
  }

  // A process has said all it will.
  void end(Slot& slot) {
    int status = 0;
    while (waitpid(slot.process, &status, 0) < 0 && errno == EINTR) {
    }
    slot.process = 0;
    close(slot.pipe);
    if (slot.breaks_off) {
      throw InputError(slot.broken_off + "; the points that were recorded stay, --resume goes on");
    }
    const auto rest = slot.chunk.begin() + static_cast<std::ptrdiff_t>(slot.done);
    Chunk left(rest, slot.chunk.end());
    const bool died = WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
    if (died) {
      slot.shard.reset();  // its last line may be torn
    }
    if (died && !left.empty()) {
      const std::size_t point = left.front();
      if (std::count(retried_.begin(), retried_.end(), point) + 1 >= kMostTries) {
        record_failure(slot, point, reason(slot, status));
        left.erase(left.begin());
      } else {
        retried_.push_back(point);
      }
    }
    if (!left.empty()) {
      waiting_.push_front(std::move(left));
    }
  }

  std::string reason(const Slot& slot, int status) const {
    if (slot.timed_out) {
      return fmt::format("it took longer than {:g} s, twice", options_.timeout_s);
    }
    return WIFSIGNALED(status)
               ? fmt::format("its process died of signal {}, twice", WTERMSIG(status))
               : fmt::format("its process ended with code {}, twice", WEXITSTATUS(status));
  }

  void record_failure(Slot& slot, std::size_t point, const std::string& why) {
    slot.shard = std::make_unique<ShardWriter>(shards_);
    slot.shard->append({identity_(point), PointStatus::kFailed, why, {}});
    ended_(PointStatus::kFailed);
  }

  std::deque<Chunk> waiting_;
  const PoolOptions options_;
  const std::filesystem::path shards_;
  const PointWork& work_;
  const std::function<std::string(std::size_t)>& identity_;
  const std::function<void(PointStatus)>& ended_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> retried_;
};

}  // namespace

void run_pool(const std::vector<Chunk>& chunks,
              const PoolOptions& options,
              const std::filesystem::path& shards,
              const PointWork& work,
              const std::function<std::string(std::size_t)>& identity,
              const std::function<void(PointStatus)>& ended) {
  Pool(chunks, options, shards, work, identity, ended).run();
}

}  // namespace orrery

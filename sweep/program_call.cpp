// SPDX-License-Identifier: Apache-2.0
#include "sweep/program_call.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include "sim/error.h"

namespace orrery {
namespace {

[[noreturn]] void fail(const std::string& name, int error) {
  throw InputError(fmt::format("{}: cannot run: {}", name, std::generic_category().message(error)));
}

// Takes what a program writes: unlike a pipe it never fills up, so nobody has to listen meanwhile.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& name) {
    const int file = memfd_create("answer", MFD_CLOEXEC);
    // Where standard streams are closed it would take the place of one, which the program gets
    // anew.
    file_ = file < 0 ? -1 : fcntl(file, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int error = errno;
    if (file >= 0) {
      close(file);
    }
    if (file_ < 0) {
      fail(name, error);
    }
  }
  ~MemoryFile() { close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int get() const { return file_; }
  std::string text() const {
    std::string text;
    std::array<char, 4096> buffer{};
    for (;;) {
      const ssize_t count =
          pread(file_, buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
      if (count <= 0) {
        return text;
      }
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }

 private:
  int file_ = -1;
};

// Who calls us may have had its children's ends ignored, which is inherited: then nobody learns how
// a program ended.
class ChildrenAreWaitedFor {
 public:
  ChildrenAreWaitedFor() {
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &usual, &before_);
  }
  ~ChildrenAreWaitedFor() { sigaction(SIGCHLD, &before_, nullptr); }
  ChildrenAreWaitedFor(const ChildrenAreWaitedFor&) = delete;
  ChildrenAreWaitedFor& operator=(const ChildrenAreWaitedFor&) = delete;

 private:
  struct sigaction before_ {};
};

// Which file each standard stream of the program is.
class FileActions {
 public:
  FileActions(int out, int err) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, err, STDERR_FILENO);
  }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

}  // namespace

ProgramAnswer call_program(const std::vector<std::string>& words) {
  const MemoryFile out(words.front());
  const MemoryFile err(words.front());
  const FileActions actions(out.get(), err.get());
  std::vector<std::string> kept = words;
  std::vector<char*> arguments;
  for (std::string& word : kept) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  const ChildrenAreWaitedFor waited_for;
  pid_t process = 0;
  const int error =
      posix_spawnp(&process, arguments.front(), actions.get(), nullptr, arguments.data(), environ);
  if (error != 0) {
    fail(words.front(), error);
  }
  int status = 0;
  while (waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) {
      throw InputError(fmt::format("{}: cannot tell how it ended: {}", words.front(),
                                   std::generic_category().message(errno)));
    }
  }
  return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), out.text(),
          err.text()};
}

}  // namespace orrery

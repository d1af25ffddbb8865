// SPDX-License-Identifier: Apache-2.0
#include "cli/standard_streams.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <system_error>
#include <unistd.h>

#include "cli/command.h"

namespace orrery {

void prepare_standard_streams() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF) {
      // Read-only: writing to a closed stream stays an error. The lowest free number is `stream`.
      [[maybe_unused]] const int opened = ::open("/dev/null", O_RDONLY);
    }
  }
}

int finish_standard_output(int code) {
  errno = 0;
  std::cout.flush();
  const bool failed_before = std::fflush(stdout) != 0 || !std::cout;
  if (!failed_before) {
    return code;
  }
  // The stream keeps no reason when it failed earlier: ask the descriptor.
  const int reason = errno != 0 ? errno : (::write(STDOUT_FILENO, "", 0) < 0 ? errno : 0);
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  const bool reader_left = ::poll(&output, 1, 0) > 0 && (output.revents & POLLERR) != 0;
  if (reason == EPIPE || reader_left || code != kSuccess) {
    return code;
  }
  std::cerr << "orrery: cannot write to standard output";
  if (reason != 0) {
    std::cerr << ": " << std::generic_category().message(reason);
  }
  std::cerr << '\n';
  return kBadInput;
}

}  // namespace orrery

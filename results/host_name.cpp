// SPDX-License-Identifier: Apache-2.0
#include "results/host_name.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>
#include <unistd.h>

namespace orrery {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string process_name() {
  // Drawn once: processes that are forked have numbers of their own.
  static const unsigned draw = std::random_device()();
  std::string host = host_name();
  std::replace(host.begin(), host.end(), '/', '_');
  std::array<char, 9> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", draw);
  return (host.empty() ? "host" : host) + "-" + std::to_string(getpid()) + "-" + digits.data();
}

}  // namespace orrery

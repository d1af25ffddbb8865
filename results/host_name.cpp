// SPDX-License-Identifier: Apache-2.0
#include "results/host_name.h"

#include <algorithm>
#include <array>
#include <unistd.h>

namespace orrery {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string process_name() {
  std::string host = host_name();
  std::replace(host.begin(), host.end(), '/', '_');
  return (host.empty() ? "host" : host) + "-" + std::to_string(getpid());
}

}  // namespace orrery

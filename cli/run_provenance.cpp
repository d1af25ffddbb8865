// SPDX-License-Identifier: Apache-2.0
#include "cli/run_provenance.h"

#include <array>
#include <chrono>
#include <ctime>
#include <sys/resource.h>

#include "cli/cpu_time.h"
#include "results/host_name.h"

namespace orrery {

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

void add_provenance(Provenance& provenance,
                    const std::string& command,
                    const std::vector<std::string>& arguments,
                    const std::string& started) {
  provenance.git_revision = ORRERY_REVISION;
  provenance.command_line = "orrery " + command;
  for (const std::string& argument : arguments) {
    provenance.command_line += " " + argument;
  }
  provenance.host = host_name();
  provenance.started = started;
  provenance.finished = utc_now();
  provenance.cpu_seconds = own_cpu_seconds();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  provenance.peak_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace orrery

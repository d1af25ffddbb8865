// SPDX-License-Identifier: Apache-2.0
#include "cli/cpu_time.h"

#include <sys/resource.h>

namespace orrery {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double cpu_seconds_of(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

double own_cpu_seconds() {
  return cpu_seconds_of(RUSAGE_SELF);
}

double children_cpu_seconds() {
  return cpu_seconds_of(RUSAGE_CHILDREN);
}

}  // namespace orrery

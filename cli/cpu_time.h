// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace orrery {

// CPU time in seconds, user and system: of this process, and of the ended processes it started.
double own_cpu_seconds();
double children_cpu_seconds();

}  // namespace orrery

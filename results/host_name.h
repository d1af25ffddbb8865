// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace orrery {

// The name of this machine; empty where it has none.
std::string host_name();

// "node7-4711-0f3a9c21", which no other process that runs now is called: part of a file's name. The
// last part is drawn, for containers may share a host's name, and each begin to count processes
// anew. A slash becomes '_'.
std::string process_name();

}  // namespace orrery

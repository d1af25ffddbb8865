// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace orrery {

// The name of this machine; empty where it has none.
std::string host_name();

// "node7-4711", which no other process that runs now is called on machines of different names: part
// of a file's name. A slash becomes '_'.
std::string process_name();

}  // namespace orrery

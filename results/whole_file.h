// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace orrery {

// Puts `bytes` under `path`, all or nothing: a temporary file in the same folder is written,
// brought to disk and renamed. Throws InputError "path: cannot write: reason" and leaves nothing
// behind. Follows a link; refuses what exists and is not a regular file (a rename would replace
// even a device).
void write_whole_file(const std::string& path, const std::vector<std::byte>& bytes);

// Throws InputError "path: cannot read: reason"; `most_bytes` bounds the size.
std::vector<std::byte> read_whole_file(const std::string& path, std::uint64_t most_bytes);

}  // namespace orrery

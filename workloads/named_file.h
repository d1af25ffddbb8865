// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

// How models and workloads are found: by name among the shipped files, or by path.
namespace orrery {

struct NamedFiles {
  std::string what;                     // "model", for messages
  std::string folder;                   // "configs/models"
  std::vector<std::string> extensions;  // {".json"}, in the order in which they are tried
};

// The path of the file that `name_or_path` means: a path when it holds a "/" or ends in one of the
// extensions (relative paths start at `base_folder`), else folder/name.extension. Throws InputError
// with the near name or the list of names when there is no such file.
std::string find_named_file(const NamedFiles& files,
                            const std::string& name_or_path,
                            const std::string& base_folder = "");

// The names in the folder, sorted.
std::vector<std::string> list_named_files(const NamedFiles& files);

}  // namespace orrery

// SPDX-License-Identifier: Apache-2.0
#include "workloads/named_file.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/config_node.h"
#include "sim/error.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

bool has_extension(const NamedFiles& files, const std::string& path) {
  return std::any_of(files.extensions.begin(), files.extensions.end(),
                     [&](const std::string& extension) { return path.ends_with(extension); });
}

}  // namespace

std::vector<std::string> list_named_files(const NamedFiles& files) {
  std::vector<std::string> names;
  std::error_code code;
  for (fs::directory_iterator entry(files.folder, code), end; !code && entry != end;
       entry.increment(code)) {
    if (has_extension(files, entry->path().filename().string())) {
      names.push_back(entry->path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string find_named_file(const NamedFiles& files,
                            const std::string& name_or_path,
                            const std::string& base_folder) {
  std::error_code code;
  if (name_or_path.find('/') != std::string::npos || has_extension(files, name_or_path)) {
    const fs::path path = fs::path(base_folder) / name_or_path;
    if (!fs::exists(path, code)) {
      throw InputError(fmt::format("{}: no such {} file", path.string(), files.what));
    }
    return path.lexically_normal().string();
  }
  for (const std::string& extension : files.extensions) {
    const fs::path path = fs::path(files.folder) / (name_or_path + extension);
    if (!name_or_path.empty() && fs::exists(path, code)) {
      return path.string();
    }
  }
  const std::vector<std::string> names = list_named_files(files);
  const std::string near = suggest(name_or_path, names);
  throw InputError(fmt::format(
      "no {} '{}' in {}, {}", files.what, name_or_path, files.folder,
      near.empty() ? fmt::format("expected a path or one of: {}", fmt::join(names, ", ")) : near));
}

}  // namespace orrery

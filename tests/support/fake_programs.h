// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/support/scratch_folder.h"

namespace orrery {

// While it lives, the PATH is a folder of shell scripts that a test writes, and where a shell is.
class FakePrograms {
 public:
  FakePrograms() : before_(std::getenv("PATH")) { use_path(folder_.file("") + ":/bin:/usr/bin"); }
  ~FakePrograms() { use_path(before_); }
  FakePrograms(const FakePrograms&) = delete;
  FakePrograms& operator=(const FakePrograms&) = delete;

  // Writes down its arguments, a line each, and does `body`.
  void write(const std::string& name, const std::string& body) const {
    const std::string log = folder_.file(name + ".log");
    write_text(folder_.file(name),
               "#!/bin/sh\nprintf '%s\\n' \"$@\" >> '" + log + "'\n" + body + "\n");
    std::filesystem::permissions(folder_.file(name), std::filesystem::perms::owner_all);
  }
  std::string arguments(const std::string& name) const {
    return file_text(folder_.file(name + ".log"));
  }
  // Nothing but what has been written is found.
  void hide_others() const { use_path(folder_.file("")); }

 private:
  static void use_path(const std::string& path) { ::setenv("PATH", path.c_str(), 1); }

  ScratchFolder folder_;
  std::string before_;
};

}  // namespace orrery

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace orrery {

// Where in a file something was read. Line and column count from 1; 0 means unknown.
struct SourceLocation {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  // "file:line:column", as far as it is known.
  std::string text() const;
};

// Bad input of a user: `what()` is one line "file:line:column: what is wrong, what was expected".
// The command line prints it and exits 2.
class InputError : public std::runtime_error {
 public:
  explicit InputError(const std::string& message) : std::runtime_error(message) {}
  InputError(const SourceLocation& location, const std::string& message)
      : std::runtime_error(location.text() + ": " + message) {}
};

// The event queue ran empty with work outstanding: a fault of the model, not of the user.
// `what()` is the chain of who waits for whom. The command line prints it and exits 3.
class DeadlockError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace orrery

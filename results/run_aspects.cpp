// SPDX-License-Identifier: Apache-2.0
#include "results/run_aspects.h"

#include <algorithm>
#include <string_view>

#include "results/run_config.h"

namespace orrery {

namespace {

constexpr std::size_t kMostValues = 3;  // of a workload, in one text
constexpr std::size_t kMostText = 60;

// The note that begins so, without its beginning; "" where there is none.
std::string note_after(const RunRecord& record, std::string_view beginning) {
  for (const std::string& note : record.notes) {
    if (note.starts_with(beginning)) {
      return note.substr(beginning.size());
    }
  }
  return "";
}

std::string or_none(const std::string& text, const char* otherwise) {
  return text.empty() ? otherwise : text;
}

// "power sustained, random operands, cap 500 W" says a mode and, behind its last comma, a cap.
struct PowerNote {
  std::string mode, cap;
};

PowerNote power_of(const RunRecord& record) {
  const std::string note = note_after(record, "power ");
  const std::size_t cap = note.rfind(", cap ");
  if (cap == std::string::npos) {
    return {or_none(note, "unknown"), "none"};
  }
  return {note.substr(0, cap), note.substr(cap + std::string_view(", cap ").size())};
}

std::string shortened(const std::string& text) {
  return text.size() <= kMostText ? text : text.substr(0, kMostText) + "...";
}

// Equal names may stand for different work; different ones for the same.
void add_workload(std::vector<AspectDifference>& found, const RunRecord& a, const RunRecord& b) {
  const auto differing = differences_of(workload_values(a), workload_values(b));
  if (differing.empty()) {
    if (a.workload != b.workload) {
      found.push_back({"workload", or_none(a.workload, "unnamed"), or_none(b.workload, "unnamed"),
                       a.provenance.workload.empty()});
    }
    return;
  }
  std::string of_a = or_none(a.workload, "unnamed");
  std::string of_b = or_none(b.workload, "unnamed");
  if (differing.front().key.starts_with("line ")) {  // traces: rows say little out of their place
    const std::string lines =
        std::to_string(differing.size()) + (differing.size() == 1 ? " line" : " lines");
    found.push_back({"workload", of_a + ", " + lines + " of the trace", of_b + ", others", true});
    return;
  }
  for (std::size_t i = 0; i < std::min(kMostValues, differing.size()); ++i) {
    const ConfigDifference& value = differing[i];
    of_a += ", " + value.key + " " + or_none(shortened(value.a), "none");
    of_b += ", " + value.key + " " + or_none(shortened(value.b), "none");
  }
  if (differing.size() > kMostValues) {
    const std::string more = " and " + std::to_string(differing.size() - kMostValues) + " more";
    of_a += more;
    of_b += more;
  }
  found.push_back({"workload", of_a, of_b, true});
}

}  // namespace

std::vector<AspectDifference> aspect_differences(const StoredResult& a, const StoredResult& b) {
  std::vector<AspectDifference> found;
  const auto compare = [&](const char* aspect, const std::string& of_a, const std::string& of_b,
                           bool of_another_kind) {
    if (of_a != of_b) {
      found.push_back({aspect, of_a, of_b, of_another_kind});
    }
  };
  const RunRecord& run_a = a.record;
  const RunRecord& run_b = b.record;
  compare("schema", "version " + std::to_string(a.schema_version),
          "version " + std::to_string(b.schema_version), false);
  add_workload(found, run_a, run_b);
  compare("phase", or_none(run_a.phase, "none"), or_none(run_b.phase, "none"), true);
  compare("dtype", or_none(dtypes_of(run_a), "not named"), or_none(dtypes_of(run_b), "not named"),
          true);
  compare("tiers", or_none(note_after(run_a, "tiers: "), "unknown"),
          or_none(note_after(run_b, "tiers: "), "unknown"), true);
  const PowerNote power_a = power_of(run_a);
  const PowerNote power_b = power_of(run_b);
  compare("power mode", power_a.mode, power_b.mode, true);
  compare("power cap", power_a.cap, power_b.cap, false);
  const auto sampling = [](const RunRecord& run) {
    return note_after(run, "sampled: ").empty() ? "none" : "sampled";
  };
  compare("sampling", sampling(run_a), sampling(run_b), true);
  compare("chip", run_a.chip, run_b.chip, false);
  compare("program", or_none(run_a.provenance.git_revision, "unknown"),
          or_none(run_b.provenance.git_revision, "unknown"), false);
  return found;
}

}  // namespace orrery

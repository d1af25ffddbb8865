// SPDX-License-Identifier: Apache-2.0
#include "results/result_file.h"

#include <algorithm>
#include <set>

#include "results/canonical.h"
#include "results/hdf5.h"
#include "results/seal.h"
#include "results/sections.h"
#include "results/whole_file.h"
#include "sim/error.h"

namespace orrery {

namespace {

constexpr std::string_view kFormat = "orrery";

std::string joined_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += (text.empty() ? "" : "\n") + line;
  }
  return text;
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

void check_limits(const RunRecord& record, const std::string& path) {
  const auto check = [&](std::uint64_t count, std::uint64_t most, const char* what) {
    if (count > most) {
      throw InputError(path + ": cannot write: " + std::to_string(count) + " " + what +
                       ", a result holds at most " + std::to_string(most));
    }
  };
  std::uint64_t bins = 0;
  std::set<std::string> counters;
  for (const TimelineRow& row : record.timeline) {
    bins = std::max<std::uint64_t>(bins, row.bins.size());
    counters.insert(row.counter);
  }
  check(record.ops.size(), kResultLimits.ops, "operators");
  check(record.counters.size(), kResultLimits.counters, "counters");
  check(record.events.size(), kResultLimits.events, "events");
  check(record.summary.size(), kResultLimits.named, "summary values");
  check(record.histograms.size(), kResultLimits.named, "histograms");
  check(record.links.size(), kResultLimits.links, "links");
  check(counters.size(), kResultLimits.named - 2, "counters in the timeline");
  check(record.timeline.size(), kResultLimits.timeline_components, "rows of the timeline");
  check(record.timeline.size() * bins, kResultLimits.timeline_values, "values in the timeline");
  for (const HistogramRow& histogram : record.histograms) {
    check(histogram.counts.size(), kResultLimits.histogram_bins, "bins in a histogram");
  }
}

// The content and what tells this run from another with the same content.
std::string run_id(const std::string& hash, const Provenance& provenance) {
  RunRecord identity;
  identity.notes = {hash,
                    provenance.git_revision,
                    provenance.command_line,
                    provenance.host,
                    provenance.started,
                    provenance.finished,
                    provenance.config_resolved,
                    provenance.workload};
  const std::string digest = content_hash(identity);
  return digest.substr(digest.find(':') + 1, 16);
}

hdf5::File make_file(const RunRecord& record) {
  hdf5::File file = hdf5::File::create();
  hdf5::Group root = file.root();
  const std::string hash = content_hash(record);
  root.set("format", std::string(kFormat));
  root.set("schema_version", kResultSchemaVersion);
  root.set("status", "complete");
  root.set("content_hash", hash);
  root.set("chip", record.chip);
  root.set("workload", record.workload);
  root.set("phase", record.phase);
  root.set("notes", joined_lines(record.notes));
  write_summary(root, record.summary);
  write_ops(root, record.ops);
  write_stalls(root, record.ops);
  write_energy(root, record.ops);
  write_counters(root, record.counters);
  write_timeline(root, record.timeline);
  write_events(root, record);
  write_histograms(root, record.histograms);
  write_links(root, record.links);
  write_provenance(root, record.provenance, run_id(hash, record.provenance));
  return file;
}

// Returns the schema's version.
std::uint64_t check_header(const hdf5::Group& root, const std::string& path) {
  if (!root.has("format") || root.text("format") != kFormat) {
    throw hdf5::Error("@format is not \"" + std::string(kFormat) + "\"");
  }
  const std::uint64_t version = root.integer("schema_version");
  if (version == 0 || version > kResultSchemaVersion) {
    throw InputError(path + ": a result of schema version " + std::to_string(version) +
                     ", this program reads 1 to " + std::to_string(kResultSchemaVersion));
  }
  if (root.text("status") != "complete") {
    throw hdf5::Error("@status is not \"complete\"");
  }
  return version;
}

StoredResult read_stored(const std::vector<std::byte>& image, const std::string& path) {
  const hdf5::File file = hdf5::File::open(image);
  const hdf5::Group root = file.root();
  StoredResult stored;
  stored.schema_version = check_header(root, path);
  RunRecord& record = stored.record;
  record.chip = root.text("chip");
  record.workload = root.text("workload");
  record.phase = root.text("phase");
  record.notes = split_lines(root.text("notes"));
  record.summary = read_summary(root);
  record.ops = read_ops(root);
  read_stalls(root, record.ops);
  read_energy(root, record.ops);
  record.counters = read_counters(root);
  record.timeline = read_timeline(root);
  read_events(root, record);
  record.histograms = read_histograms(root);
  record.links = read_links(root);
  record.provenance = read_provenance(root);
  stored.content_hash = root.text("content_hash");
  if (content_hash(record) != stored.content_hash) {
    throw hdf5::Error("the content does not give @content_hash: it was changed or damaged");
  }
  return stored;
}

}  // namespace

void write_result(const RunRecord& record, const std::string& path) {
  check_limits(record, path);
  std::vector<std::byte> image = make_file(canonical(record)).image();
  add_seal(image);
  write_whole_file(path, image);
}

RunRecord read_result(const std::string& path) {
  return read_stored_result(path).record;
}

StoredResult read_stored_result(const std::string& path) {
  const std::vector<std::byte> image = read_whole_file(path, kResultLimits.file_bytes);
  if (!is_hdf5(image)) {
    throw InputError(path + ": not a result of orrery: not an HDF5 file");
  }
  if (seal_is_broken(image)) {
    throw InputError(path + ": not a result of orrery: the file was changed or damaged");
  }
  try {
    return read_stored(image, path);
  } catch (const hdf5::Error& error) {
    throw InputError(path + ": not a result of orrery: " + error.what());
  }
}

}  // namespace orrery

// SPDX-License-Identifier: Apache-2.0
#include "results/sweep_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <set>
#include <sstream>
#include <stdexcept>

#include "results/clean_text.h"
#include "results/columns.h"
#include "results/hasher.h"
#include "results/hdf5.h"
#include "results/seal.h"
#include "results/sections.h"
#include "results/whole_file.h"
#include "sim/error.h"

namespace orrery {
namespace {

constexpr std::string_view kFormat = "orrery-sweep";
constexpr std::size_t kMostMeaningBytes = 60000;  // an attribute may take 64 KiB
// Columns of /points that are not the plan's.
const std::set<std::string> kOwnNames{"point", "status", "reason", "identity"};

void require(bool holds, const std::string& message) {
  if (!holds) {
    throw std::invalid_argument("sweep: " + message);
  }
}

std::string one_line(const std::string& text) {
  std::string line = clean_text(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

std::string joined(const std::vector<std::string>& parts, char between) {
  std::string text;
  for (const std::string& part : parts) {
    text += (text.empty() ? "" : std::string(1, between)) + part;
  }
  return text;
}

std::vector<std::string> split(const std::string& text, char between) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, between);) {
    parts.push_back(part);
  }
  return parts;
}

void clean_column(SweepColumn& column, std::size_t points, std::set<std::string>& names) {
  column.name = flag_word(column.name);
  std::replace(column.name.begin(), column.name.end(), '/', '_');
  column.unit = clean_text(column.unit);
  column.long_name = clean_text(column.long_name);
  require(names.insert(column.name).second, "column " + column.name + " comes twice");
  require(column.values.size() == points, "column " + column.name + " is not one value a point");
  require(column.words.size() <= kSweepLimits.words, "column " + column.name + ": too many words");
  std::set<std::string> words;
  for (std::string& word : column.words) {
    word = flag_word(word);
    require(words.insert(word).second, "column " + column.name + ": word " + word + " comes twice");
  }
  require(joined(column.words, ' ').size() <= kMostMeaningBytes,
          "column " + column.name + ": its words are too long");
  for (double& value : column.values) {
    require(
        column.words.empty() || (value >= 0 && value < static_cast<double>(column.words.size()) &&
                                 value == std::floor(value)),
        "column " + column.name + ": an index without a word");
    if (std::isnan(value)) {
      value = std::numeric_limits<double>::quiet_NaN();  // one of its many bit patterns
    }
  }
}

SweepRecord canonical(const SweepRecord& record) {
  SweepRecord clean = record;
  const std::size_t points = clean.point_count();
  require(clean.reasons.size() == points && clean.identities.size() == points,
          "not one reason and one identity a point");
  clean.name = one_line(clean.name);
  for (std::vector<std::string>* texts : {&clean.notes, &clean.reasons, &clean.identities}) {
    std::transform(texts->begin(), texts->end(), texts->begin(), one_line);
  }
  std::erase(clean.notes, "");
  std::set<std::string> names = kOwnNames;
  for (std::vector<SweepColumn>* columns : {&clean.axes, &clean.metrics}) {
    for (SweepColumn& column : *columns) {
      clean_column(column, points, names);
    }
  }
  Provenance& p = clean.provenance;
  for (std::string* text : {&p.git_revision, &p.command_line, &p.host, &p.started, &p.finished,
                            &p.config_resolved, &p.workload}) {
    *text = clean_text(*text);
  }
  return clean;
}

void check_limits(const SweepRecord& record, const std::string& path) {
  if (record.point_count() > kSweepLimits.points) {
    throw InputError(fmt::format("{}: cannot write: {} points, a sweep holds at most {}", path,
                                 record.point_count(), kSweepLimits.points));
  }
  const std::size_t columns = record.axes.size() + record.metrics.size();
  if (columns > kSweepLimits.columns) {
    throw InputError(fmt::format("{}: cannot write: {} columns, a sweep holds at most {}", path,
                                 columns, kSweepLimits.columns));
  }
}

hdf5::Dataset write_codes(hdf5::Group& group,
                          const std::string& name,
                          const std::vector<std::uint16_t>& codes,
                          const std::vector<std::string>& words) {
  hdf5::Dataset column = group.write(name, codes);
  std::vector<std::uint16_t> values(words.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<std::uint16_t>(i);
  }
  column.set("flag_values", values);
  column.set("flag_meanings", joined(words, ' '));
  return column;
}

void write_column(hdf5::Group& group,
                  const SweepColumn& column,
                  const char* role,
                  const hdf5::Dataset& scale) {
  if (column.words.empty()) {
    hdf5::Dataset dataset = group.write(column.name, column.values);
    dataset.set("units", column.unit);
    dataset.set("long_name", column.long_name);
    dataset.set("role", role);
    dataset.attach(scale, 0);
    return;
  }
  std::vector<std::uint16_t> codes;
  codes.reserve(column.values.size());
  for (const double value : column.values) {
    codes.push_back(static_cast<std::uint16_t>(value));
  }
  hdf5::Dataset dataset = write_codes(group, column.name, codes, column.words);
  dataset.set("long_name", column.long_name);
  dataset.set("role", role);
  dataset.attach(scale, 0);
}

hdf5::File make_file(const SweepRecord& record) {
  hdf5::File file = hdf5::File::create();
  hdf5::Group root = file.root();
  const std::string hash = content_hash(record);
  root.set("format", std::string(kFormat));
  root.set("schema_version", kSweepSchemaVersion);
  root.set("status", "complete");
  root.set("content_hash", hash);
  root.set("name", record.name);
  root.set("notes", joined(record.notes, '\n'));
  hdf5::Group points = root.create_group("points");
  const hdf5::Dataset scale = write_index(points, "point", record.point_count());
  std::vector<std::string> coordinates;
  for (const SweepColumn& axis : record.axes) {
    write_column(points, axis, "axis", scale);
    coordinates.push_back(axis.name);
  }
  points.set("coordinates", joined(coordinates, ' '));  // CF: xarray makes coordinates of them
  for (const SweepColumn& metric : record.metrics) {
    write_column(points, metric, "metric", scale);
  }
  std::vector<std::uint16_t> codes;
  codes.reserve(record.point_count());
  for (const PointStatus status : record.status) {
    codes.push_back(static_cast<std::uint16_t>(status));
  }
  hdf5::Dataset status = write_codes(points, "status", codes, point_status_names());
  status.set("long_name", "what came of the point");
  status.attach(scale, 0);
  hdf5::Dataset reason = points.write_text("reason", record.reasons);
  reason.set("long_name", "why the point is not complete");
  reason.attach(scale, 0);
  hdf5::Dataset identity = points.write_text("identity", record.identities);
  identity.set("long_name", "hash of all that decides the point's result");
  identity.attach(scale, 0);
  write_provenance(root, record.provenance, hash.substr(hash.find(':') + 1, 16));
  return file;
}

void check_header(const hdf5::Group& root) {
  const std::string format = root.has("format") ? root.text("format") : "";
  if (format == "orrery") {
    throw hdf5::Error("it is the result of one run");
  }
  if (format != kFormat) {
    throw hdf5::Error("@format is not \"" + std::string(kFormat) + "\"");
  }
  const std::uint64_t version = root.integer("schema_version");
  if (version != kSweepSchemaVersion) {
    throw hdf5::Error(
        fmt::format("schema version {}, this program reads {}", version, kSweepSchemaVersion));
  }
  if (root.text("status") != "complete") {
    throw hdf5::Error("@status is not \"complete\"");
  }
}

SweepColumn read_column(const hdf5::Dataset& dataset,
                        const std::string& name,
                        const hdf5::Shape& shape) {
  SweepColumn column;
  column.name = name;
  column.long_name = dataset.text("long_name");
  if (!dataset.has("flag_meanings")) {
    column.unit = dataset.text("units");
    column.values = dataset.read<double>(shape);
    return column;
  }
  column.words = split(dataset.text("flag_meanings"), ' ');
  for (const std::uint16_t code : dataset.read<std::uint16_t>(shape)) {
    if (code >= column.words.size()) {
      throw hdf5::Error(fmt::format("column {}: code {} has no meaning", name, code));
    }
    column.values.push_back(code);
  }
  return column;
}

std::vector<PointStatus> read_status(const hdf5::Group& points, const hdf5::Shape& shape) {
  std::vector<PointStatus> status;
  for (const std::uint16_t code : points.dataset("status").read<std::uint16_t>(shape)) {
    if (code >= kPointStatusCount) {
      throw hdf5::Error(fmt::format("status {} of a point is unknown", code));
    }
    status.push_back(static_cast<PointStatus>(code));
  }
  return status;
}

SweepRecord read_record(const std::vector<std::byte>& image) {
  const hdf5::File file = hdf5::File::open(image);
  const hdf5::Group root = file.root();
  check_header(root);
  SweepRecord record;
  record.name = root.text("name");
  record.notes = split(root.text("notes"), '\n');
  const hdf5::Group points = root.group("points");
  const hdf5::Shape shape{points.dataset("point").length(kSweepLimits.points)};
  record.status = read_status(points, shape);
  for (const std::string& name : points.names()) {
    if (kOwnNames.contains(name)) {
      continue;
    }
    const hdf5::Dataset dataset = points.dataset(name);
    const bool is_axis = dataset.text("role") == "axis";
    (is_axis ? record.axes : record.metrics).push_back(read_column(dataset, name, shape));
  }
  record.reasons = points.dataset("reason").read_text(shape);
  record.identities = points.dataset("identity").read_text(shape);
  record.provenance = read_provenance(root);
  if (content_hash(record) != root.text("content_hash")) {
    throw hdf5::Error("the content does not give @content_hash: it was changed or damaged");
  }
  return record;
}

}  // namespace

std::string content_hash(const SweepRecord& record) {
  Hasher hasher;
  hasher.add(record.name);
  hasher.add(record.notes);
  for (const std::vector<SweepColumn>* columns : {&record.axes, &record.metrics}) {
    hasher.add(std::uint64_t{columns->size()});
    for (const SweepColumn& column : *columns) {
      hasher.add(column.name);
      hasher.add(column.unit);
      hasher.add(column.long_name);
      hasher.add(column.values);
      hasher.add(column.words);
    }
  }
  for (const PointStatus status : record.status) {
    hasher.add(static_cast<std::uint64_t>(status));
  }
  hasher.add(record.reasons);
  hasher.add(record.identities);
  return hasher.text();
}

void write_sweep(const SweepRecord& record, const std::filesystem::path& path) {
  check_limits(record, path.string());
  std::vector<std::byte> image = make_file(canonical(record)).image();
  add_seal(image);
  write_whole_file(path.string(), image);
}

SweepRecord read_sweep(const std::filesystem::path& path) {
  const std::vector<std::byte> image = read_whole_file(path.string(), kSweepLimits.file_bytes);
  if (!is_hdf5(image)) {
    throw InputError(path.string() + ": not a sweep of orrery: not an HDF5 file");
  }
  if (seal_is_broken(image)) {
    throw InputError(path.string() + ": not a sweep of orrery: the file was changed or damaged");
  }
  try {
    return read_record(image);
  } catch (const hdf5::Error& error) {
    throw InputError(path.string() + ": not a sweep of orrery: " + error.what());
  }
}

}  // namespace orrery

// SPDX-License-Identifier: Apache-2.0
#include "sweep/shard.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>
#include <unistd.h>

#include "results/clean_text.h"
#include "results/hasher.h"
#include "results/host_name.h"
#include "sim/error.h"
#include "sweep/metrics.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kExtension = ".shard";
constexpr std::size_t kChecksumDigits = 16;
constexpr std::uintmax_t kMostShardBytes = std::uintmax_t{1} << 32;
constexpr std::size_t kMostShards = 1'000'000;

std::string checksum(const std::string& text) {
  Hasher hasher;
  hasher.add(text);
  return hasher.digits().substr(0, kChecksumDigits);
}

[[noreturn]] void fail(const std::string& path, const char* doing, int error) {
  throw InputError(
      fmt::format("{}: cannot {}: {}", path, doing, std::generic_category().message(error)));
}

std::string header_text() {
  Json header;
  header["format"] = "orrery-shard";
  header["schema_version"] = kShardSchemaVersion;
  for (const Metric& metric : sweep_metrics()) {
    header["metrics"].push_back(metric.name);
  }
  return header.dump();
}

// The text of a line without its checksum; none where that does not fit or the line has no end.
std::optional<std::string> checked_text(const std::string& line) {
  if (line.size() <= kChecksumDigits + 1 || line[kChecksumDigits] != ' ') {
    return std::nullopt;
  }
  std::string text = line.substr(kChecksumDigits + 1);
  return checksum(text) == line.substr(0, kChecksumDigits) ? std::optional(std::move(text))
                                                           : std::nullopt;
}

// Where each metric of this program stands in the lines of a shard.
std::vector<std::size_t> columns_of(const Json& header) {
  const auto& names = header.at("metrics");
  std::vector<std::size_t> columns;
  for (const Metric& metric : sweep_metrics()) {
    const auto found = std::find(names.begin(), names.end(), metric.name);
    columns.push_back(static_cast<std::size_t>(found - names.begin()));
  }
  return columns;
}

std::vector<std::size_t> read_header(const std::string& text, const std::string& path) {
  const Json header = Json::parse(text);
  const std::uint64_t version = header.at("schema_version").get<std::uint64_t>();
  if (header.at("format") != "orrery-shard" || version != kShardSchemaVersion) {
    throw InputError(fmt::format("{}: schema version {}, this program reads {}", path, version,
                                 kShardSchemaVersion));
  }
  return columns_of(header);
}

PointRecord read_point(const std::string& text, const std::vector<std::size_t>& columns) {
  const Json json = Json::parse(text);
  PointRecord record;
  record.identity = json.at("identity").get<std::string>();
  const std::string status = json.at("status").get<std::string>();
  const std::vector<std::string>& names = point_status_names();
  const auto found = std::find(names.begin(), names.end(), status);
  record.status =
      found == names.end() ? PointStatus::kFailed : static_cast<PointStatus>(found - names.begin());
  record.reason = json.at("reason").get<std::string>();
  if (record.status == PointStatus::kComplete) {
    const auto& values = json.at("values");
    for (const std::size_t column : columns) {
      const bool there = column < values.size() && values[column].is_number();
      record.values.push_back(there ? values[column].get<double>()
                                    : std::numeric_limits<double>::quiet_NaN());
    }
  }
  return record;
}

void read_shard(const fs::path& path,
                ShardReport& report,
                const std::function<void(PointRecord&&)>& take) {
  std::error_code code;
  if (fs::file_size(path, code) > kMostShardBytes || code) {
    throw InputError(fmt::format("{}: cannot read: {}", path.string(),
                                 code ? code.message() : "larger than 4 GiB"));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    fail(path.string(), "read", errno);
  }
  std::optional<std::vector<std::size_t>> columns;
  for (std::string line; std::getline(file, line);) {
    const bool has_end = !file.eof();
    const std::optional<std::string> text = has_end ? checked_text(line) : std::nullopt;
    if (!text) {
      ++report.torn;
      continue;
    }
    try {
      if (!columns) {
        columns = read_header(*text, path.string());
      } else {
        take(read_point(*text, *columns));
        ++report.records;
      }
    } catch (const Json::exception&) {
      ++report.torn;  // nothing that this program wrote
    }
  }
}

}  // namespace

std::string shard_line(const std::string& text) {
  return checksum(text) + " " + text + "\n";
}

ShardWriter::ShardWriter(const fs::path& folder) {
  const std::string process = process_name();
  for (int number = 0;; ++number) {
    path_ = (folder / fmt::format("{}-{}{}", process, number, kExtension)).string();
    file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    if (file_ >= 0) {
      break;
    }
    if (errno != EEXIST) {
      fail(path_, "write", errno);
    }
  }
  write_line(header_text());
}

ShardWriter::~ShardWriter() {
  close(file_);
}

void ShardWriter::append(const PointRecord& record) {
  Json json;
  json["identity"] = record.identity;
  json["status"] = point_status_names()[static_cast<std::size_t>(record.status)];
  json["reason"] = clean_text(record.reason);
  json["values"] = Json::array();
  for (const double value : record.values) {
    json["values"].push_back(std::isfinite(value) ? Json(value) : Json(nullptr));
  }
  write_line(json.dump());
}

void ShardWriter::write_line(const std::string& text) {
  const std::string line = shard_line(text);
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t count = write(file_, line.data() + done, line.size() - done);
    if (count < 0 && errno != EINTR) {
      fail(path_, "write", errno);
    }
    done += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

ShardReport read_shards(const fs::path& folder, const std::function<void(PointRecord&&)>& take) {
  std::vector<fs::path> paths;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    if (entry->path().extension() == kExtension) {
      paths.push_back(entry->path());
    }
  }
  if (code) {
    throw InputError(fmt::format("{}: cannot read: {}", folder.string(), code.message()));
  }
  if (paths.size() > kMostShards) {
    throw InputError(fmt::format("{}: {} shards, expected at most {}", folder.string(),
                                 paths.size(), kMostShards));
  }
  std::sort(paths.begin(), paths.end());
  ShardReport report;
  for (const fs::path& path : paths) {
    read_shard(path, report, take);
  }
  return report;
}

}  // namespace orrery

// SPDX-License-Identifier: Apache-2.0
#include "cli/measured_rows.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <tuple>
#include <utility>

#include "sim/error.h"
#include "workloads/csv_reader.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMost = (std::uint64_t{1} << 32) - 1;  // tested() packs two of them
constexpr double kMostMicroseconds = 1e9;
constexpr double kMostWatts = 1e6;

const std::vector<std::string> kGemmColumns{"device", "dtype", "m", "n", "k", "latency_us"};
const std::vector<std::string> kAttentionColumns{"device",   "phase",    "dtype",  "kv_dtype",
                                                 "batch",    "seq_q",    "seq_kv", "heads",
                                                 "kv_heads", "head_dim", "causal", "latency_us"};

// Columns that a file may have besides.
const std::vector<std::string> kMoreColumns{"source",    "operands",      "l2",        "mode",
                                            "power_w",   "power_limit_w", "framework", "version",
                                            "clock_mhz", "spread_pct"};

std::vector<std::string> with_more(std::vector<std::string> columns) {
  columns.insert(columns.end(), kMoreColumns.begin(), kMoreColumns.end());
  return columns;
}

std::optional<Dtype> known_dtype(const std::string& name) {
  return name == "nvfp4" ? Dtype::kFp4 : dtype_from(name);
}

void read_attention(const CsvReader& csv, MeasuredRow& row) {
  row.phase = csv.text("phase");
  if (row.phase != "prefill" && row.phase != "decode") {
    csv.fail("phase", fmt::format("'{}', expected prefill or decode", row.phase));
  }
  row.kv_dtype = csv.text("kv_dtype");
  AttentionShape shape;
  shape.batch = csv.integer("batch", 1, kMost);
  shape.seq_q = csv.integer("seq_q", 1, kMost);
  shape.seq_kv = csv.integer("seq_kv", 1, kMost);
  shape.heads = csv.integer("heads", 1, kMost);
  shape.kv_heads = csv.integer("kv_heads", 1, kMost);
  shape.head_dim = csv.integer("head_dim", 1, kMost);
  shape.causal = csv.flag("causal");
  if (const auto kv = known_dtype(row.kv_dtype)) {
    shape.kv_dtype = *kv;
  } else {
    row.compute_dtype.reset();
  }
  row.shape = shape;
}

// How a row was measured, as far as the file says so.
void read_protocol(const CsvReader& csv, MeasuredRow& row) {
  if (csv.has("power_w")) {
    row.power_w = csv.number("power_w", 1e-3, kMostWatts);
  }
  if (csv.has("power_limit_w")) {
    row.power_limit_w = csv.number("power_limit_w", 1, kMostWatts);
  }
  if (csv.has("operands")) {
    const std::string& text = csv.text("operands");
    if (!text.starts_with("zero") && !text.starts_with("rand")) {
      csv.fail("operands", fmt::format("'{}', expected random or zeros", text));
    }
    row.operands = text.starts_with("zero") ? Operands::kZeros : Operands::kRandom;
  }
  if (csv.has("mode")) {
    const std::string& text = csv.text("mode");
    if (text != "burst" && text != "sustained") {
      csv.fail("mode", fmt::format("'{}', expected burst or sustained", text));
    }
    row.mode = text == "burst" ? PowerMode::kBurst : PowerMode::kSustained;
  }
  if (csv.has("l2")) {
    const std::string& text = csv.text("l2");
    if (text != "warm" && text != "flushed") {
      csv.fail("l2", fmt::format("'{}', expected warm or flushed", text));
    }
    row.flushed = text == "flushed";
  }
}

std::vector<MeasuredRow> read_rows(CsvReader csv) {
  const bool attention = csv.has_column("phase") || csv.has_column("seq_kv");
  const std::vector<std::string>& required = attention ? kAttentionColumns : kGemmColumns;
  csv.check_columns(required, with_more(required));
  std::vector<MeasuredRow> rows;
  while (csv.next_row()) {
    MeasuredRow row;
    row.line = csv.location().line;
    row.device = csv.text("device");
    row.dtype = csv.text("dtype");
    row.compute_dtype = known_dtype(row.dtype);
    row.latency_us = csv.number("latency_us", 1e-6, kMostMicroseconds);
    read_protocol(csv, row);
    if (attention) {
      read_attention(csv, row);
    } else {
      row.phase = "gemm";
      row.shape = GemmShape{1, csv.integer("m", 1, kMost), csv.integer("n", 1, kMost),
                            csv.integer("k", 1, kMost)};
    }
    rows.push_back(std::move(row));
  }
  if (rows.empty()) {
    throw InputError(csv.location(), "has no rows, expected a measurement a row");
  }
  return rows;
}

// The finaliser of SplitMix64: neighbouring numbers become far ones.
std::uint64_t scattered(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

}  // namespace

std::string MeasuredRow::text() const {
  if (const auto* gemm = std::get_if<GemmShape>(&shape)) {
    return fmt::format("{}x{}x{}", gemm->m, gemm->n, gemm->k);
  }
  const auto& a = std::get<AttentionShape>(shape);
  return fmt::format("{}x{}x{}, {} heads on {} of {}", a.batch, a.seq_q, a.seq_kv, a.heads,
                     a.kv_heads, a.head_dim);
}

bool MeasuredRow::tested() const {
  if (const auto* gemm = std::get_if<GemmShape>(&shape)) {
    return scattered((gemm->n << 32U) | gemm->k) % 2 == 1;
  }
  const auto& a = std::get<AttentionShape>(shape);
  return scattered((a.heads << 32U) | a.kv_heads) % 2 == 1;
}

std::vector<MeasuredRow> read_measured(const std::string& path) {
  return read_rows(CsvReader::open(path));
}

std::vector<MeasuredRow> parse_measured(const std::string& text, const std::string& name) {
  return read_rows(CsvReader(text, name));
}

std::vector<MeasuredRow> sample_rows(const std::vector<MeasuredRow>& rows, std::uint64_t count) {
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::vector<std::size_t>>
      groups;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    groups[{rows[i].device, rows[i].phase, rows[i].dtype, rows[i].kv_dtype}].push_back(i);
  }
  std::vector<std::size_t> chosen;
  for (auto& [key, members] : groups) {
    std::sort(members.begin(), members.end(),
              [](std::size_t a, std::size_t b) { return scattered(a) < scattered(b); });
    members.resize(std::min<std::size_t>(members.size(), count));
    chosen.insert(chosen.end(), members.begin(), members.end());
  }
  std::sort(chosen.begin(), chosen.end());
  std::vector<MeasuredRow> sample;
  for (const std::size_t i : chosen) {
    sample.push_back(rows[i]);
  }
  return sample;
}

}  // namespace orrery

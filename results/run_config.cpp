// SPDX-License-Identifier: Apache-2.0
#include "results/run_config.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <string_view>

#include "sim/config_node.h"

namespace orrery {

namespace {

constexpr std::string_view kPresetMark = "---  # memory preset";
constexpr std::string_view kAreaMark = "---  # area table";  // behind both
constexpr std::size_t kMostBytes = std::size_t{64} << 20;    // as of a file of the reader

using Values = std::map<std::string, std::string>;

// Where the document with that mark begins; the end of the text if there is none.
std::size_t document_begin(const std::string& text, std::string_view mark) {
  const std::size_t found = text.find("\n" + std::string(mark));
  return found == std::string::npos ? text.size() : found + 1;
}

std::size_t preset_begin(const std::string& text) {
  return std::min(document_begin(text, kPresetMark), document_begin(text, kAreaMark));
}

void add_leaves(Values& values, const std::string& text, const std::string& before) {
  try {
    if (text.size() > kMostBytes) {
      throw InputError("too long");
    }
    for (auto& [key, value] : parse_config(text, "text").leaves()) {
      values[before + key] = value;
    }
  } catch (const InputError&) {
    values[before + "text"] = text;
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

// Cells of a line; commas within quotes divide nothing.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    quoted = c == '"' ? !quoted : quoted;
    if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

// A trace in CSV begins with its columns; YAML has a colon in its first line.
bool is_csv(const std::string& text) {
  const std::string first = text.substr(0, text.find('\n'));
  return first.find(',') != std::string::npos && first.find(':') == std::string::npos;
}

struct Dtypes {
  std::set<std::string> data, cache;
};

void add_csv(Dtypes& dtypes, const std::string& text) {
  const std::vector<std::string> lines = lines_of(text);
  const std::vector<std::string> columns = cells_of(lines.front());
  const auto column = std::find(columns.begin(), columns.end(), "dtype") - columns.begin();
  const auto cache = std::find(columns.begin(), columns.end(), "kv_dtype") - columns.begin();
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> cells = cells_of(lines[i]);
    const auto take = [&](std::ptrdiff_t at, std::set<std::string>& into) {
      const auto index = static_cast<std::size_t>(at);
      if (index < cells.size() && !cells[index].empty()) {
        into.insert(cells[index]);
      }
    };
    take(column, dtypes.data);
    take(cache, dtypes.cache);
  }
}

}  // namespace

std::string chip_text(const RunRecord& record) {
  const std::string& text = record.provenance.config_resolved;
  return text.substr(0, preset_begin(text));
}

std::map<std::string, std::string> chip_values(const RunRecord& record) {
  const std::string& text = record.provenance.config_resolved;
  Values values;
  add_leaves(values, chip_text(record), "");
  const auto add_document = [&](std::size_t begin, std::size_t end, const std::string& before) {
    if (begin < end) {
      const std::size_t line = std::min(text.find('\n', begin), end);
      add_leaves(values, text.substr(line, end - line), before);
    }
  };
  const std::size_t area = document_begin(text, kAreaMark);
  add_document(document_begin(text, kPresetMark), area, "memory preset.");
  add_document(area, text.size(), "area table.");
  std::erase_if(values, [](const auto& value) {
    return value.first.starts_with("fitted.") || value.first.starts_with("assumed.") ||
           value.first == "name" || value.first == "description";
  });
  return values;
}

std::map<std::string, std::string> workload_values(const RunRecord& record) {
  const std::string& text = record.provenance.workload;
  Values values;
  if (text.empty()) {
    return values;
  }
  if (!is_csv(text)) {
    add_leaves(values, text, "");
    values.erase("name");
    return values;
  }
  const std::vector<std::string> lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    values["line " + std::to_string(i + 1)] = lines[i];
  }
  return values;
}

std::string dtypes_of(const RunRecord& record) {
  const std::string& text = record.provenance.workload;
  Dtypes dtypes;
  if (!text.empty() && is_csv(text)) {
    add_csv(dtypes, text);
  } else {
    for (const auto& [key, value] : workload_values(record)) {
      if (key == "kv_dtype" || key.ends_with(".kv_dtype")) {
        dtypes.cache.insert(value);
      } else if (key == "dtype" || key.ends_with(".dtype")) {
        dtypes.data.insert(value);
      }
    }
  }
  std::string joined;
  const auto add = [&](const std::string& name) { joined += (joined.empty() ? "" : ", ") + name; };
  for (const std::string& name : dtypes.data) {
    add(name);
  }
  for (const std::string& name : dtypes.cache) {
    add(name + " (kv)");
  }
  return joined;
}

std::vector<ConfigDifference> differences_of(const std::map<std::string, std::string>& a,
                                             const std::map<std::string, std::string>& b) {
  std::set<std::string> keys;
  for (const Values* side : {&a, &b}) {
    for (const auto& [key, value] : *side) {
      keys.insert(key);
    }
  }
  const auto of = [](const Values& side, const std::string& key) {
    const auto found = side.find(key);
    return found == side.end() ? std::string() : found->second;
  };
  std::vector<ConfigDifference> differences;
  for (const std::string& key : keys) {
    if (of(a, key) != of(b, key)) {
      differences.push_back({key, of(a, key), of(b, key)});
    }
  }
  return differences;
}

}  // namespace orrery

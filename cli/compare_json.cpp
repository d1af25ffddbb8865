// SPDX-License-Identifier: Apache-2.0
#include "cli/compare_json.h"

#include <string>

#include "results/run_totals.h"

namespace orrery {

namespace {

using Json = nlohmann::ordered_json;

double us(double time_fs) {
  return time_fs / static_cast<double>(kFsPerMicrosecond);
}

Json file_json(const std::string& path, const StoredResult& stored) {
  return {{"file", path},
          {"chip", stored.record.chip},
          {"workload", stored.record.workload},
          {"phase", stored.record.phase},
          {"notes", stored.record.notes},
          {"schema_version", stored.schema_version},
          {"content_hash", stored.content_hash},
          {"total_time_us", to_microseconds(total_time_fs(stored.record))}};
}

Json value_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json values_json(const std::vector<ComparedValue>& values) {
  Json json = Json::array();
  for (const ComparedValue& value : values) {
    json.push_back({{"name", value.name},
                    {"unit", value.unit},
                    {"a", value_json(value.a)},
                    {"b", value_json(value.b)}});
  }
  return json;
}

Json waterfall_json(const Waterfall& waterfall) {
  Json steps = Json::array();
  for (const WaterfallStep& step : waterfall.steps) {
    Json json{{"name", step.name},
              {"a_us", us(step.a_fs)},
              {"b_us", us(step.b_fs)},
              {"difference_us", us(step.difference_fs())}};
    if (!step.amount_unit.empty()) {
      json["amount_unit"] = step.amount_unit;
      json["amount_a"] = step.amount_a;
      json["amount_b"] = step.amount_b;
      json["by_amount_us"] = us(step.by_amount_fs);
      json["by_rate_us"] = us(step.by_rate_fs);
      json["by_peak_us"] = us(step.by_peak_fs);
    }
    steps.push_back(std::move(json));
  }
  return {{"a_us", us(waterfall.a_fs)},
          {"b_us", us(waterfall.b_fs)},
          {"difference_us", us(waterfall.difference_fs())},
          {"steps", std::move(steps)},
          {"remainder_us", us(waterfall.remainder_fs)},
          {"explained", waterfall.explained()}};
}

Json parts_json(const TimeParts& parts) {
  Json json = Json::object();
  for (std::size_t i = 0; i < kTimePartCount; ++i) {
    if (parts[i] != 0) {
      json[std::string(name_of(static_cast<TimePart>(i)))] = us(parts[i]);
    }
  }
  return json;
}

Json op_json(const OpGroup& op) {
  Json json{{"name", op.name}, {"kind", op.kind}};
  const auto add = [&](const char* time, const char* split, std::size_t count,
                       const TimeParts& parts) {
    json[time] = count > 0 ? Json(us(sum_of(parts))) : Json(nullptr);
    json[split] = count > 0 ? parts_json(parts) : Json(nullptr);
  };
  add("a_us", "a_parts_us", op.count_a, op.a_fs);
  add("b_us", "b_parts_us", op.count_b, op.b_fs);
  return json;
}

}  // namespace

nlohmann::ordered_json comparison_json(const ComparedFiles& files, const Comparison& comparison) {
  Json json;
  json["a"] = file_json(files.a_path, files.a);
  json["b"] = file_json(files.b_path, files.b);
  json["differences"] = Json::array();
  for (const AspectDifference& aspect : comparison.aspects) {
    json["differences"].push_back({{"aspect", aspect.aspect},
                                   {"a", aspect.a},
                                   {"b", aspect.b},
                                   {"of_another_kind", aspect.of_another_kind}});
  }
  json["chip_values"] = Json::array();
  for (const ConfigDifference& value : comparison.chip_values) {
    json["chip_values"].push_back({{"key", value.key}, {"a", value.a}, {"b", value.b}});
  }
  json["waterfall"] = waterfall_json(comparison.waterfall);
  json["ops"] = Json::array();
  for (const OpGroup& op : single_ops(files.a.record, files.b.record, comparison.pairs)) {
    json["ops"].push_back(op_json(op));
  }
  json["summary"] = values_json(comparison.summary);
  json["counters"] = values_json(comparison.counters);
  return json;
}

nlohmann::ordered_json exact_json(const ComparedFiles& files, const ContentDifferences& found) {
  Json json;
  json["a"] = file_json(files.a_path, files.a);
  json["b"] = file_json(files.b_path, files.b);
  json["equal"] = files.a.content_hash == files.b.content_hash;
  json["count"] = found.count;
  json["first"] = Json::array();
  for (const ContentDifference& difference : found.first) {
    json["first"].push_back(
        {{"where", difference.where}, {"a", difference.a}, {"b", difference.b}});
  }
  return json;
}

nlohmann::ordered_json moved_json(const std::vector<MovedValue>& moved) {
  Json json = Json::array();
  for (const MovedValue& value : moved) {
    json.push_back({{"name", value.name},
                    {"unit", value.unit},
                    {"a", value_json(value.a)},
                    {"b", value_json(value.b)},
                    {"relative", value.relative()}});  // null where it is infinite
  }
  return json;
}

}  // namespace orrery

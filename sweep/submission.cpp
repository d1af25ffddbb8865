// SPDX-License-Identifier: Apache-2.0
#include "sweep/submission.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "results/whole_file.h"
#include "sim/error.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "orrery-submission";
constexpr const char* kAgain =
    "`orrery sweep PLAN -o DIR --resume --slurm` submits what is missing";

Json to_json(const std::vector<SubmittedPoint>& chunk) {
  Json json = Json::array();
  for (const SubmittedPoint& point : chunk) {
    json.push_back({point.index, point.identity});
  }
  return json;
}

std::vector<SubmittedPoint> chunk_of(const Json& json) {
  std::vector<SubmittedPoint> chunk;
  for (const Json& point : json) {
    chunk.push_back({point.at(0).get<std::uint64_t>(), point.at(1).get<std::string>()});
  }
  return chunk;
}

Submission submission_of(const Json& json) {
  Submission submission;
  submission.program = json.at("program").get<std::string>();
  submission.work_folder = json.at("work_folder").get<std::string>();
  submission.config_folder = json.at("config_folder").get<std::string>();
  submission.plan_file = json.at("plan_file").get<std::string>();
  submission.plan_text = json.at("plan_text").get<std::string>();
  submission.keep = json.at("keep").get<std::string>();
  submission.jobs = json.at("jobs").get<std::size_t>();
  for (const Json& chunk : json.at("chunks")) {
    submission.chunks.push_back(chunk_of(chunk));
  }
  return submission;
}

}  // namespace

Submission make_submission(const PreparedSweep& sweep,
                           const std::vector<std::size_t>& todo,
                           std::size_t chunks,
                           std::size_t jobs) {
  Submission submission;
  submission.program = program_version();
  submission.work_folder = fs::current_path().string();
  submission.config_folder = sweep.plan.config_folder;
  submission.plan_file = sweep.plan.file;
  submission.plan_text = sweep.plan.text;
  submission.keep = sweep.plan.keep ? sweep.plan.keep->text() : "";
  submission.jobs = jobs;
  const std::size_t parts = std::min(chunks, todo.size());
  for (std::size_t part = 0; part < parts; ++part) {
    submission.chunks.emplace_back();
    for (std::size_t i = part * todo.size() / parts; i < (part + 1) * todo.size() / parts; ++i) {
      submission.chunks.back().push_back(
          {sweep.selection.points[todo[i]], sweep.points.identities[todo[i]]});
    }
  }
  return submission;
}

void write_submission(const Submission& submission, const fs::path& path) {
  Json json;
  json["format"] = kFormat;
  json["schema_version"] = kSubmissionSchemaVersion;
  json["program"] = submission.program;
  json["work_folder"] = submission.work_folder;
  json["config_folder"] = submission.config_folder;
  json["plan_file"] = submission.plan_file;
  json["plan_text"] = submission.plan_text;
  json["keep"] = submission.keep;
  json["jobs"] = submission.jobs;
  json["chunks"] = Json::array();
  for (const auto& chunk : submission.chunks) {
    json["chunks"].push_back(to_json(chunk));
  }
  std::string text;
  try {
    text = json.dump();
  } catch (const Json::exception&) {  // paths are bytes, JSON is not
    throw InputError(
        fmt::format("{}: cannot write: a path of the plan is not UTF-8", path.string()));
  }
  const auto* const bytes = reinterpret_cast<const std::byte*>(text.data());
  write_whole_file(path.string(), {bytes, bytes + text.size()});
}

Submission read_submission(const fs::path& path) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;
  const std::vector<std::byte> bytes = read_whole_file(path.string(), kMostBytes);
  const auto* const text = reinterpret_cast<const char*>(bytes.data());
  try {
    const Json json = Json::parse(text, text + bytes.size());
    if (json.at("format") != kFormat) {
      throw InputError(fmt::format("{}: is not a submission of a sweep", path.string()));
    }
    const auto version = json.at("schema_version").get<std::uint64_t>();
    if (version != kSubmissionSchemaVersion) {
      throw InputError(fmt::format("{}: schema version {}, this program reads {}; {}",
                                   path.string(), version, kSubmissionSchemaVersion, kAgain));
    }
    Submission submission = submission_of(json);
    constexpr std::size_t kMostJobs = 1024;
    if (submission.jobs < 1 || submission.jobs > kMostJobs || submission.chunks.empty()) {
      throw InputError(fmt::format("{}: is not a submission of a sweep", path.string()));
    }
    return submission;
  } catch (const Json::exception&) {
    throw InputError(fmt::format("{}: is not a submission of a sweep", path.string()));
  }
}

PreparedSweep prepare_chunk(const Submission& submission, std::size_t number) {
  if (number >= submission.chunks.size()) {
    throw InputError(fmt::format("there is no chunk {}, expected 0 to {}", number,
                                 submission.chunks.size() - 1));
  }
  if (submission.program != program_version()) {
    throw InputError(fmt::format(
        "the sweep was submitted by another build of orrery; {} with this one", kAgain));
  }
  PreparedSweep sweep;
  sweep.plan = parse_plan(submission.plan_text, submission.plan_file, submission.config_folder);
  if (!submission.keep.empty()) {
    sweep.plan.keep = Expression(submission.keep);
  }
  const Grid grid(sweep.plan);
  Resolver resolver(sweep.plan);
  for (const SubmittedPoint& point : submission.chunks[number]) {
    if (point.index >= grid.size()) {
      throw InputError("the submission names a point that its plan does not have");
    }
    const Choice choice = grid.at(point.index);
    resolver.chip(choice);  // says what is wrong, where it cannot be read any more
    resolver.workload(choice);
    if (resolver.identity(choice) != point.identity) {
      throw InputError(
          fmt::format("{}: its chip or workload has changed since the sweep was "
                      "submitted; {}",
                      text_of(sweep.plan, choice), kAgain));
    }
    sweep.selection.points.push_back(point.index);
    sweep.points.choices.push_back(choice);
    sweep.points.identities.push_back(point.identity);
    sweep.points.infeasible.emplace_back();
  }
  return sweep;
}

}  // namespace orrery

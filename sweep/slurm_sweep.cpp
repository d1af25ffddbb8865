// SPDX-License-Identifier: Apache-2.0
#include "sweep/slurm_sweep.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "results/sweep_file.h"
#include "results/whole_file.h"
#include "sim/error.h"
#include "sweep/slurm.h"
#include "sweep/submission.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// A point takes some seconds as a rule: a minute or more for a chunk, so that Slurm's own second
// does not matter.
constexpr std::size_t kPointsOfChunk = 32;

// Paths come as arguments: a script that holds none runs nothing but what it says.
constexpr const char* kChunkScript =
    "#!/bin/sh\n"
    "# Runs one chunk of a sweep. $1: the program, $2: the folder of the submission.\n"
    "exec \"$1\" sweep --submission \"$2\" --chunk \"$SLURM_ARRAY_TASK_ID\"\n";
constexpr const char* kCollectScript =
    "#!/bin/sh\n"
    "# Collects what there is of a sweep. $1: the program, $2: the folder of the sweep.\n"
    "exec \"$1\" sweep --collect \"$2\"\n";

void write_text(const fs::path& path, const std::string& text) {
  const auto* const bytes = reinterpret_cast<const std::byte*>(text.data());
  write_whole_file(path.string(), {bytes, bytes + text.size()});
}

[[noreturn]] void fail_to_read(const fs::path& path, const std::error_code& code) {
  throw InputError(fmt::format("{}: cannot read: {}", path.string(), code.message()));
}

std::uint64_t number_of(const fs::path& submission) {
  const std::string name = submission.filename().string();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

// The number of the latest submission; 0 where there is none. Throws InputError where that cannot
// be told: a sweep that is queued must not be submitted twice.
std::uint64_t latest_submission(const SweepFolder& folder) {
  std::uint64_t latest = 0;
  std::error_code code;
  for (fs::directory_iterator entry(folder.submissions(), code), end; !code && entry != end;
       entry.increment(code)) {
    latest = std::max(latest, number_of(entry->path()));
  }
  if (code && code != std::errc::no_such_file_or_directory) {
    fail_to_read(folder.submissions(), code);
  }
  return latest;
}

// Throws InputError while a job of the submission is queued: it will run what is missing.
void check_ended(const fs::path& submission) {
  constexpr std::uint64_t kMostBytes = 1 << 16;
  std::error_code code;
  if (!fs::exists(submission / "jobs.json", code)) {
    if (code) {
      fail_to_read(submission / "jobs.json", code);
    }
    return;
  }
  const std::vector<std::byte> bytes =
      read_whole_file((submission / "jobs.json").string(), kMostBytes);
  const auto* const text = reinterpret_cast<const char*>(bytes.data());
  const Json json = Json::parse(text, text + bytes.size(), nullptr, false);
  for (const char* const name : {"array", "collection"}) {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_string()) {
      continue;
    }
    const auto job = found->get<std::string>();
    if (is_queued(job, submission)) {
      throw InputError(
          fmt::format("{}: job {} of this sweep is still queued; wait for it, or scancel {}",
                      submission.parent_path().parent_path().string(), job, job));
    }
  }
}

// "orrery-narrower-network": as squeue shows it.
std::string job_name(const std::string& plan) {
  constexpr std::size_t kMostLetters = 40;
  std::string name = plan.substr(0, kMostLetters);
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    c = plain || c == '.' || c == '-' ? c : '_';
  }
  return "orrery-" + name;
}

// A folder that goes away, with what is in it, unless it is kept.
class NewFolder {
 public:
  explicit NewFolder(fs::path path) : path_(std::move(path)) {
    std::error_code code;
    fs::create_directories(path_.parent_path(), code);
    if (!code) {
      fs::create_directory(path_, code);
    }
    if (code) {
      throw InputError(
          fmt::format("{}: cannot make the folder: {}", path_.string(), code.message()));
    }
  }
  ~NewFolder() {
    if (!path_.empty()) {
      std::error_code ignored;
      fs::remove_all(path_, ignored);
      fs::remove(path_.parent_path(), ignored);  // where it is empty
    }
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  void keep() { path_.clear(); }

 private:
  fs::path path_;
};

// The array and the job behind it, or neither.
void submit_jobs(SubmittedJobs& jobs,
                 const std::string& plan,
                 const fs::path& sweep,
                 const SlurmOptions& options) {
  const std::string program = fs::read_symlink("/proc/self/exe").string();
  if (!fs::exists(program)) {
    throw InputError(
        "orrery has been built anew since this sweep began, so jobs cannot run this build; start "
        "it "
        "again");
  }
  SlurmJob job;
  job.name = job_name(plan);
  job.script = jobs.folder / "chunk.sh";
  job.arguments = {program, jobs.folder.string()};
  job.folder = jobs.folder;
  job.log = "chunk-%a.log";
  job.array = jobs.chunks;
  job.cpus = options.jobs;
  job.partition = options.partition;
  jobs.array = submit_job(job);
  Json numbers{{"array", jobs.array}};

  job.script = jobs.folder / "collect.sh";
  job.arguments = {program, sweep.string()};
  job.log = "collect.log";
  job.array = 0;
  job.cpus = 1;
  job.after = jobs.array;
  try {
    // At once, so that the array is known even if this process ends before the next is submitted.
    write_text(jobs.folder / "jobs.json", numbers.dump() + "\n");
    jobs.collection = submit_job(job);
    numbers["collection"] = jobs.collection;
    write_text(jobs.folder / "jobs.json", numbers.dump() + "\n");
  } catch (const InputError& error) {
    std::string left;
    for (const std::string& number : {jobs.array, jobs.collection}) {
      const std::string refusal = number.empty() ? "" : cancel_job(number);
      if (!refusal.empty()) {
        left += fmt::format("; {}, so do `scancel {}` by hand", refusal, number);
      }
    }
    throw InputError(error.what() + left);
  }
}

}  // namespace

fs::path submission_file(const fs::path& submission) {
  return submission / "submission.json";
}

SweepFolder sweep_of(const fs::path& submission) {
  const fs::path path = fs::absolute(submission).lexically_normal();
  return SweepFolder((path.has_filename() ? path : path.parent_path()).parent_path().parent_path());
}

SubmittedJobs submit_sweep(const PreparedSweep& sweep,
                           const SweepFolder& folder,
                           const Provenance& provenance,
                           const SlurmOptions& options) {
  if (std::getenv("SBATCH_CLUSTERS") != nullptr) {
    throw InputError(
        "SBATCH_CLUSTERS is set, expected it unset: jobs of other clusters are not followed");
  }
  const fs::path root = fs::canonical(folder.path());
  if (root.string().find('\\') != std::string::npos) {
    throw InputError(fmt::format(
        "{}: Slurm cannot write logs to a path with a backslash, expected another folder",
        root.string()));
  }
  const std::uint64_t latest = latest_submission(folder);
  if (latest > 0) {
    check_ended(root / "slurm" / std::to_string(latest));
  }
  KnownPoints known;
  known.read(folder);
  const std::vector<std::size_t> todo = points_to_run(sweep, folder, known);
  SweepRecord record = sweep.record;
  record.provenance = provenance;
  SubmittedJobs jobs;
  jobs.points = todo.size();
  if (todo.empty()) {
    write_sweep(record, folder.points_file());
    return jobs;
  }
  jobs.folder = root / "slurm" / std::to_string(latest + 1);
  NewFolder made(jobs.folder);
  const std::size_t usual =
      std::min((todo.size() + kPointsOfChunk - 1) / kPointsOfChunk, kMostSlurmChunks);
  const Submission submission =
      make_submission(sweep, todo, options.chunks > 0 ? options.chunks : usual, options.jobs);
  jobs.chunks = submission.chunks.size();
  write_submission(submission, submission_file(jobs.folder));
  write_text(jobs.folder / "chunk.sh", kChunkScript);
  write_text(jobs.folder / "collect.sh", kCollectScript);
  // Behind what Slurm may refuse only the new name is missing; the folder is locked, so no job
  // looks for the points before they are there.
  write_sweep(record, jobs.folder / "points.h5");
  submit_jobs(jobs, sweep.plan.name, root, options);
  made.keep();
  fs::rename(jobs.folder / "points.h5", folder.points_file());
  return jobs;
}

}  // namespace orrery

// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/hdf5.h"
#include "results/result_file.h"
#include "results/whole_file.h"
#include "sim/error.h"
#include "tests/support/sample_record.h"
#include "tests/support/scratch_folder.h"

namespace orrery {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

class HostileFileTest : public ::testing::Test {
 protected:
  void expect_refused(const std::string& reason) {
    EXPECT_THAT([&] { read_result(path_); },
                ThrowsMessage<InputError>(AllOf(StartsWith(path_ + ": "), HasSubstr(reason))));
  }
  // Writes an HDF5 file that starts as a result does.
  void make(const std::function<void(hdf5::Group&)>& fill) {
    const hdf5::File file = hdf5::File::create();
    hdf5::Group root = file.root();
    fill(root);
    write_whole_file(path_, file.image());
  }
  static void write_header(hdf5::Group& root) {
    root.set("format", "orrery");
    root.set("schema_version", kResultSchemaVersion);
    root.set("status", "complete");
    for (const char* name : {"chip", "workload", "phase", "notes"}) {
      root.set(name, "");
    }
  }
  ScratchFolder folder_;
  std::string path_ = folder_.file("run.h5");
};

TEST_F(HostileFileTest, MissingFile) {
  expect_refused("cannot read: No such file or directory");
}

TEST_F(HostileFileTest, NotHdf5) {
  write_text(path_, "");
  expect_refused("not an HDF5 file");
  write_text(path_, std::string(5000, 'x'));
  expect_refused("not an HDF5 file");
}

TEST_F(HostileFileTest, TruncatedAnywhere) {
  write_result(sample_record(), path_);
  const std::string whole = file_text(path_);
  for (std::size_t length = 0; length < whole.size(); length += 997) {
    write_text(path_, whole.substr(0, length));
    EXPECT_THROW(read_result(path_), InputError) << length << " of " << whole.size() << " bytes";
  }
}

TEST_F(HostileFileTest, SomeoneElsesHdf5) {
  make([](hdf5::Group& root) { root.set("format", "netcdf"); });
  expect_refused("@format is not \"orrery\"");
  make([](hdf5::Group& root) { root.set("format", std::uint64_t{3}); });
  expect_refused("expected one text");
  make([](hdf5::Group&) {});
  expect_refused("@format");
}

TEST_F(HostileFileTest, LaterVersionAndHalfARun) {
  make([](hdf5::Group& root) {
    root.set("format", "orrery");
    root.set("schema_version", kResultSchemaVersion + 1);
  });
  expect_refused("a result of schema version " + std::to_string(kResultSchemaVersion + 1) +
                 ", this program reads 1 to " + std::to_string(kResultSchemaVersion));
  make([](hdf5::Group& root) {
    root.set("format", "orrery");
    root.set("schema_version", kResultSchemaVersion);
    root.set("status", "running");
  });
  expect_refused("@status is not \"complete\"");
}

TEST_F(HostileFileTest, MissingGroup) {
  make(write_header);
  expect_refused("open group /summary: ");
}

TEST_F(HostileFileTest, ColumnsOfDifferentLengths) {
  make([](hdf5::Group& root) {
    write_header(root);
    root.create_group("summary");
    hdf5::Group ops = root.create_group("ops");
    ops.write<std::uint64_t>("op", {0, 1, 2});
    ops.write_text("name", std::vector<std::string>{"a", "b"});
  });
  expect_refused("/ops/name: shape (2), expected (3)");
}

TEST_F(HostileFileTest, WrongRankAndWrongType) {
  make([](hdf5::Group& root) {
    write_header(root);
    root.create_group("summary");
    root.create_group("ops").write<std::uint64_t>("op", {0, 1, 2, 3}, {2, 2});
  });
  expect_refused("/ops/op: shape (2, 2) is not one dimension");
  make([](hdf5::Group& root) {
    write_header(root);
    root.create_group("summary");
    hdf5::Group ops = root.create_group("ops");
    ops.write<std::uint64_t>("op", {0});
    ops.write<double>("name", {1.5});
  });
  expect_refused("/ops/name: expected text");
  make([](hdf5::Group& root) {
    write_header(root);
    root.create_group("summary").write_text("total_time", std::string("long"));
  });
  expect_refused("/summary/total_time: wrong element type");
}

// 2^40 rows cost nothing in a file and 8 TiB in memory.
TEST_F(HostileFileTest, HugeDimensions) {
  make([](hdf5::Group& root) {
    write_header(root);
    root.create_group("summary");
    root.create_group("ops").declare<std::uint64_t>("op", {1ULL << 40});
  });
  expect_refused("/ops/op: shape (1099511627776) is not one dimension of at most 1048576");
}

TEST_F(HostileFileTest, DamageAnywhereIsFoundBeforeHdf5Reads) {
  write_result(sample_record(), path_);
  const std::string whole = file_text(path_);
  for (std::size_t place = 8; place + 100 < whole.size(); place += 61) {
    std::string bytes = whole;
    bytes[place] = static_cast<char>(~bytes[place]);
    write_text(path_, bytes);
    expect_refused("changed or damaged");
  }
}

TEST_F(HostileFileTest, AFileWithoutItsSealIsRead) {
  write_result(sample_record(), path_);
  const std::string bytes = file_text(path_);
  write_text(path_, bytes.substr(0, bytes.find("\norrery sealed")));
  EXPECT_EQ(read_result(path_), sample_record());
}

TEST_F(HostileFileTest, AValueEditedWithATool) {
  write_result(sample_record(), path_);
  std::string bytes = file_text(path_);
  bytes.resize(bytes.find("\norrery sealed"));
  const std::size_t place = bytes.find("layer0.norm");
  ASSERT_NE(place, std::string::npos);
  bytes[place] = 'm';
  write_text(path_, bytes);
  expect_refused("@content_hash");
}

}  // namespace
}  // namespace orrery

// SPDX-License-Identifier: Apache-2.0
#include "results/file_format.h"

#include <gtest/gtest.h>

#include "results/result_file.h"
#include "results/sweep_file.h"
#include "sim/error.h"
#include "tests/support/page_sample.h"
#include "tests/support/scratch_folder.h"

namespace orrery {
namespace {

TEST(FileFormatTest, TellsARunFromASweep) {
  const ScratchFolder folder;
  write_result(sample_record(), folder.file("run.h5"));
  write_sweep(grid_sweep(2, 2, 2), folder.file("sweep.h5"));
  EXPECT_EQ(file_format(folder.file("run.h5")), "orrery");
  EXPECT_EQ(file_format(folder.file("sweep.h5")), "orrery-sweep");
}

TEST(FileFormatTest, RefusesWhatIsNeither) {
  const ScratchFolder folder;
  write_text(folder.file("text"), "no HDF5");
  EXPECT_THROW(file_format(folder.file("text")), InputError);
  EXPECT_THROW(file_format(folder.file("none")), InputError);
}

}  // namespace
}  // namespace orrery

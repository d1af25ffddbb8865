// SPDX-License-Identifier: Apache-2.0
#include "cli/booksim_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;

const std::string kColumns =
    "topology,k,n,num_vcs,vc_buf_size,packet_size,traffic,offered_flit_rate";

std::vector<BooksimRow> read(const std::string& text) {
  return read_booksim_rows(CsvReader(text, "b.csv"));
}

// One row of the needed columns, and others.
NocRun run_of(const std::string& needed,
              const std::string& more_columns = "",
              const std::string& more = "") {
  return read(kColumns + more_columns + "\n" + needed + more + "\n").at(0).run;
}

std::string refusal(const std::string& needed,
                    const std::string& more_columns = "",
                    const std::string& more = "") {
  try {
    run_of(needed, more_columns, more);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

const std::string kMesh = "mesh,8,2,2,8,5,uniform,0.1";

TEST(BooksimRows, TakesShapesFromTopologyKAndN) {
  const NocRun mesh = run_of(kMesh);
  EXPECT_EQ(mesh.shape.topology, "mesh");
  EXPECT_EQ(mesh.size(), "8x8");
  EXPECT_EQ(run_of("mesh,6,1,2,8,5,uniform,0.1").size(), "6x1");
  EXPECT_EQ(run_of("torus,4,2,2,8,5,uniform,0.1").size(), "4x4");
  const NocRun fly = run_of("fly,16,1,2,8,5,uniform,0.1");
  EXPECT_EQ(fly.shape.topology, "crossbar");
  EXPECT_EQ(fly.size(), "16");
}

TEST(BooksimRows, TakesRouterAndTrafficFromTheirColumns) {
  const NocRun run =
      run_of("mesh,8,2,4,16,17,tornado,0.25",
             ",routing_delay,vc_alloc_delay,sw_alloc_delay,st_final_delay,credit_delay,alloc_iters",
             ",1,2,3,4,5,6");
  EXPECT_EQ(run.router.vcs, 4U);
  EXPECT_EQ(run.router.buffer_flits, 16U);
  EXPECT_EQ(run.packet_flits, 17U);
  EXPECT_EQ(run.pattern, "tornado");
  EXPECT_DOUBLE_EQ(run.load, 0.25);
  EXPECT_EQ(run.router.routing_cycles, 1U);
  EXPECT_EQ(run.router.vc_alloc_cycles, 2U);
  EXPECT_EQ(run.router.switch_alloc_cycles, 3U);
  EXPECT_EQ(run.router.traversal_cycles, 4U);
  EXPECT_EQ(run.router.credit_cycles, 5U);
  EXPECT_EQ(run.router.allocation_passes, 6U);
  EXPECT_FALSE(run.answered);
}

TEST(BooksimRows, MissingColumnsAndEmptyCellsAreTheBaseSettings) {
  const NocRun without = run_of(kMesh);
  const NocRun empty =
      run_of(kMesh, ",routing_delay,credit_delay,alloc_iters,routing_function", ",,,,");
  for (const NocRun& run : {without, empty}) {
    EXPECT_EQ(run.router.routing_cycles, 0U);
    EXPECT_EQ(run.router.credit_cycles, 1U);
    EXPECT_EQ(run.router.allocation_passes, 1U);
    EXPECT_EQ(run.shape.routing, "");
    EXPECT_EQ(run.shape.link_cycles, 1U);
  }
}

TEST(BooksimRows, PassesOverColumnsItDoesNotKnowInAnyOrder) {
  const auto rows = read(
      "colour,offered_flit_rate,traffic,packet_size,point,vc_buf_size,num_vcs,n,k,topology,curve,"
      "avg_packet_latency\n"
      "red,0.3,uniform,1,zero,8,2,2,4,mesh,m4,31.5\n"
      "blue,0.4,uniform,1,,8,2,2,4,mesh,,\n");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].curve, "m4");
  EXPECT_EQ(rows[0].point, "zero");
  EXPECT_EQ(rows[0].avg_packet_latency, 31.5);
  EXPECT_EQ(rows[1].curve, "");
  EXPECT_EQ(rows[1].avg_packet_latency, std::nullopt);
  EXPECT_EQ(rows[1].location.line, 3U);
}

TEST(BooksimRows, MapsRoutingFunctions) {
  EXPECT_EQ(run_of(kMesh, ",routing_function", ",xy_yx").shape.routing, "xy_yx");
  EXPECT_EQ(run_of(kMesh, ",routing_function", ",dor").shape.routing, "");
  EXPECT_EQ(run_of("fly,16,1,2,8,5,uniform,0.1", ",routing_function", ",dest_tag").shape.routing,
            "");
  EXPECT_THAT(refusal("torus,8,2,2,8,5,uniform,0.1", ",routing_function", ",xy_yx"),
              HasSubstr("b.csv:2:29: 'routing_function' is 'xy_yx' for topology torus, expected "
                        "dor or dim_order"));
}

TEST(BooksimRows, ATorusWithNocLatencyHasLinksOfTwoCycles) {
  EXPECT_EQ(run_of("torus,8,2,2,8,5,uniform,0.1", ",use_noc_latency", ",1").shape.link_cycles, 2U);
  EXPECT_EQ(run_of("torus,8,2,2,8,5,uniform,0.1", ",use_noc_latency", ",0").shape.link_cycles, 1U);
  EXPECT_EQ(run_of(kMesh, ",use_noc_latency", ",1").shape.link_cycles, 1U);
}

TEST(BooksimRows, ReadsAndWritesHaveHalfOfTheChannelsEach) {
  const NocRun run = run_of("mesh,8,2,4,8,5,uniform,0.1", ",use_read_write,extra",
                            ",1,\"read_reply_size=5; write_request_size=4,write_fraction=0.25\"");
  EXPECT_TRUE(run.answered);
  EXPECT_TRUE(run.load_as_booksim);
  EXPECT_EQ(run.router.traffic_classes, 2U);
  EXPECT_EQ(run.router.vcs, 2U);
  EXPECT_EQ(run.vcs(), 4U);
  EXPECT_TRUE(run.router.one_packet_at_a_time);
  EXPECT_EQ(run.sizes.read_request, 1U);
  EXPECT_EQ(run.sizes.read_reply, 5U);
  EXPECT_EQ(run.sizes.write_request, 4U);
  EXPECT_EQ(run.sizes.write_reply, 1U);
  EXPECT_DOUBLE_EQ(run.sizes.write_share, 0.25);
  EXPECT_THAT(refusal("mesh,8,2,3,8,5,uniform,0.1", ",use_read_write", ",1"),
              HasSubstr("b.csv:2:10: 3 virtual channels, expected an even number"));
}

TEST(BooksimRows, ReadsHotspots) {
  EXPECT_EQ(booksim_pattern("hotspot({{27 28 35 36}})"), "hotspot:27,28,35,36");
  EXPECT_EQ(booksim_pattern("hotspot({{27,28}})"), "hotspot:27,28");
  EXPECT_EQ(booksim_pattern("hotspot({27, 28})"), "hotspot:27,28");
  EXPECT_EQ(booksim_pattern("hotspot(5)"), "hotspot:5");
  EXPECT_EQ(booksim_pattern("uniform"), "uniform");
  for (const char* bad : {"hotspot", "hotspot()", "hotspot({{}})", "hotspot({{1},{2}})",
                          "hotspot({{-1}})", "randperm", ""}) {
    EXPECT_THROW(booksim_pattern(bad), std::invalid_argument) << bad;
  }
}

TEST(BooksimRows, RefusesWhatTheRoutersDoNotDo) {
  for (const auto& [column, value] :
       std::vector<std::pair<std::string, std::string>>{{"speculative", "1"},
                                                        {"input_speedup", "2"},
                                                        {"output_speedup", "2"},
                                                        {"internal_speedup", "1.5"},
                                                        {"vc_allocator", "wavefront"},
                                                        {"sw_allocator", "separable_input_first"},
                                                        {"wait_for_tail_credit", "1"},
                                                        {"hold_switch_for_packet", "1"},
                                                        {"injection_process", "on_off"}}) {
    EXPECT_THAT(refusal(kMesh, "," + column, "," + value),
                HasSubstr("b.csv:2:28: '" + column + "' is '" + value + "', expected "));
  }
  EXPECT_EQ(refusal(kMesh, ",internal_speedup", ",1.0"), "accepted");
}

TEST(BooksimRows, RefusesWhatCannotBeBuilt) {
  EXPECT_THAT(refusal("cmesh,8,2,2,8,5,uniform,0.1"), HasSubstr("expected mesh, torus or fly"));
  EXPECT_THAT(refusal("mesh,8,3,2,8,5,uniform,0.1"), HasSubstr("b.csv:2:8: 'n' is 3"));
  EXPECT_THAT(refusal("fly,4,2,2,8,5,uniform,0.1"), HasSubstr("b.csv:2:7: 'n' is 2"));
  EXPECT_THAT(refusal("mesh,65,2,2,8,5,uniform,0.1"), HasSubstr("b.csv:2:6: 'k' is '65'"));
  EXPECT_THAT(refusal("mesh,8,2,65,8,5,uniform,0.1"), HasSubstr("'num_vcs' is '65'"));
  EXPECT_THAT(refusal("mesh,8,2,2,0,5,uniform,0.1"), HasSubstr("'vc_buf_size' is '0'"));
  EXPECT_THAT(refusal("mesh,8,2,2,8,0,uniform,0.1"), HasSubstr("'packet_size' is '0'"));
  EXPECT_THAT(refusal("mesh,8,2,2,8,5,uniform,0"), HasSubstr("'offered_flit_rate' is '0'"));
  EXPECT_THAT(refusal("mesh,8,2,2,8,5,uniform,nan"), HasSubstr("'offered_flit_rate' is 'nan'"));
  EXPECT_THAT(refusal("mesh,8,2,2,8,5,hotspot({{64}}),0.1"), HasSubstr("nodes from 0 to 63"));
  EXPECT_THAT(refusal("mesh,8,1,2,8,5,transpose,0.1"), HasSubstr("expected a square"));
  EXPECT_THAT(refusal("torus,8,2,1,8,5,uniform,0.1"), HasSubstr("b.csv:2:11: network: vcs is 1"));
  EXPECT_THAT(refusal(kMesh, ",extra", ",classes=2"), HasSubstr("'classes=2', expected some of"));
  EXPECT_THAT(refusal(kMesh, ",extra", ",read_reply_size=0"), HasSubstr("read_reply_size=1 to"));
  EXPECT_THAT(refusal(kMesh, ",vc_alloc_delay", ",0"), HasSubstr("'vc_alloc_delay' is '0'"));
}

TEST(BooksimRows, RefusesATableOfNoRows) {
  EXPECT_THROW(read(kColumns + "\n"), InputError);
}

TEST(BooksimRows, NamesTheColumnThatIsMissing) {
  try {
    read("topology,k,n,num_vcs,vc_buf_size,packet_size,traffic\n");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "b.csv:1:1: missing column 'offered_flit_rate'");
  }
}

}  // namespace
}  // namespace orrery

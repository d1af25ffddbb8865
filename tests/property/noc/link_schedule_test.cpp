// SPDX-License-Identifier: Apache-2.0
#include "noc/link_schedule.h"

#include <algorithm>
#include <rapidcheck.h>
#include <vector>

#include <gtest/gtest.h>

namespace orrery {
namespace {

struct Booking {
  Femtoseconds head_fs, duration_fs;
  LinkSchedule::Slot slot;
};

// The same link, one unit of time after the other.
class UnitByUnitLink {
 public:
  LinkSchedule::Slot book(Femtoseconds head_fs, Femtoseconds duration_fs) {
    Femtoseconds at_fs = head_fs;
    LinkSchedule::Slot slot;
    for (Femtoseconds left_fs = duration_fs; left_fs > 0; ++at_fs) {
      if (taken_.size() <= at_fs) {
        taken_.resize(at_fs + 1, false);
      }
      if (!taken_[at_fs]) {
        if (left_fs == duration_fs) {
          slot.start_fs = at_fs;
        }
        taken_[at_fs] = true;
        slot.end_fs = at_fs + 1;
        --left_fs;
      }
    }
    return slot;
  }

 private:
  std::vector<bool> taken_;
};

TEST(LinkScheduleProperty, AgreesWithALinkBookedUnitByUnitWhileItForgetsNothing) {
  const bool ok = rc::check([] {
    LinkSchedule link;
    UnitByUnitLink units;
    Femtoseconds now_fs = 0;
    for (std::size_t i = 0; i < LinkSchedule::kMaxGaps; ++i) {  // each makes at most one span more
      now_fs += *rc::gen::inRange<Femtoseconds>(0, 10);
      const Femtoseconds head_fs = now_fs + *rc::gen::inRange<Femtoseconds>(0, 60);
      const Femtoseconds duration_fs = *rc::gen::inRange<Femtoseconds>(1, 30);
      const LinkSchedule::Slot slot = link.book(now_fs, head_fs, duration_fs);
      const LinkSchedule::Slot expected = units.book(head_fs, duration_fs);
      RC_ASSERT(slot.start_fs == expected.start_fs);
      RC_ASSERT(slot.end_fs == expected.end_fs);
    }
  });
  EXPECT_TRUE(ok);
}

// What lies within a span of time must fit into it.
TEST(LinkScheduleProperty, NeverCarriesTwoMessagesAtOnce) {
  const bool ok = rc::check([] {
    LinkSchedule link;
    std::vector<Booking> bookings;
    Femtoseconds now_fs = 0;
    for (int i = 0; i < 60; ++i) {
      now_fs += *rc::gen::inRange<Femtoseconds>(0, 20);
      const Femtoseconds head_fs = now_fs + *rc::gen::inRange<Femtoseconds>(0, 300);
      const Femtoseconds duration_fs = *rc::gen::inRange<Femtoseconds>(1, 40);
      const LinkSchedule::Slot slot = link.book(now_fs, head_fs, duration_fs);
      RC_ASSERT(slot.start_fs >= head_fs);
      RC_ASSERT(slot.end_fs >= slot.start_fs + duration_fs);
      bookings.push_back({head_fs, duration_fs, slot});
    }
    for (const Booking& from : bookings) {
      for (const Booking& to : bookings) {
        Femtoseconds work_fs = 0;
        for (const Booking& booking : bookings) {
          if (booking.slot.start_fs >= from.slot.start_fs &&
              booking.slot.end_fs <= to.slot.end_fs) {
            work_fs += booking.duration_fs;
          }
        }
        RC_ASSERT(work_fs == 0 || work_fs <= to.slot.end_fs - from.slot.start_fs);
      }
    }
  });
  EXPECT_TRUE(ok);
}

}  // namespace
}  // namespace orrery

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <hdf5.h>

#include "results/hdf5.h"

// What the sources behind results/hdf5.h share; the only header of ours that shows HDF5's.
namespace orrery::hdf5 {

static_assert(std::is_same_v<Id, hid_t>);
static_assert(std::is_same_v<Handle::Close, herr_t (*)(hid_t)>);

// The innermost message on HDF5's error stack, and the stack is cleared.
std::string last_message();
// Throws Error "<doing>: <last message>" when `status` is negative.
void check(herr_t status, const std::string& doing);

hid_t memory_type(ElementType type);
hid_t file_type(ElementType type);
Handle text_type();  // variable length, UTF-8
Handle make_space(const Shape& shape);

}  // namespace orrery::hdf5

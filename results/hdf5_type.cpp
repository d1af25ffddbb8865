// SPDX-License-Identifier: Apache-2.0
#include "results/hdf5_type.h"

#include <utility>

namespace orrery::hdf5 {

std::string last_message() {
  std::string message;
  const auto keep_first = [](unsigned number, const H5E_error2_t* error, void* result) -> herr_t {
    if (number == 0 && error->desc != nullptr) {
      *static_cast<std::string*>(result) = error->desc;
    }
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &message);
  H5Eclear2(H5E_DEFAULT);
  return message.empty() ? "HDF5 gives no reason" : message;
}

void check(herr_t status, const std::string& doing) {
  if (status < 0) {
    throw Error(doing + ": " + last_message());
  }
}

hid_t memory_type(ElementType type) {
  switch (type) {
    case ElementType::kU8:
      return H5T_NATIVE_UINT8;
    case ElementType::kU16:
      return H5T_NATIVE_UINT16;
    case ElementType::kU64:
      return H5T_NATIVE_UINT64;
    case ElementType::kF64:
      return H5T_NATIVE_DOUBLE;
  }
  throw Error("no such element type");
}

hid_t file_type(ElementType type) {
  switch (type) {
    case ElementType::kU8:
      return H5T_STD_U8LE;
    case ElementType::kU16:
      return H5T_STD_U16LE;
    case ElementType::kU64:
      return H5T_STD_U64LE;
    case ElementType::kF64:
      return H5T_IEEE_F64LE;
  }
  throw Error("no such element type");
}

Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "make a text type");
  check(H5Tset_size(type.id(), H5T_VARIABLE), "make a text type");
  check(H5Tset_cset(type.id(), H5T_CSET_UTF8), "make a text type");
  return type;
}

Handle make_space(const Shape& shape) {
  if (shape.empty()) {
    return Handle(H5Screate(H5S_SCALAR), H5Sclose, "make a space");
  }
  const std::vector<hsize_t> dims(shape.begin(), shape.end());
  return Handle(H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr), H5Sclose,
                "make a space");
}

Handle::Handle(Id id, Close close, const std::string& doing) : id_(id), close_(close) {
  check(id < 0 ? -1 : 0, doing);
}

Handle& Handle::operator=(Handle&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(close_, other.close_);
  return *this;
}

Handle::~Handle() {
  if (id_ >= 0) {
    close_(id_);
  }
}

}  // namespace orrery::hdf5

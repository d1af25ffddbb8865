// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "results/hdf5_type.h"

// Files in memory, groups, writing.
namespace orrery::hdf5 {

namespace {

constexpr unsigned kCompression = 1;           // past level 1 counters shrink little, time grows
constexpr hsize_t kChunkElements = 1U << 16U;  // 512 KiB of counters
constexpr unsigned kChunksPerNode = 4;  // half of them; at the default of 32 most of a small file
                                        // would be empty index
constexpr std::size_t kMostNames = 4096;
constexpr std::size_t kGrowthBytes = std::size_t{1} << 20;
// A file in memory has a name, too, and HDF5 refuses an image whose name the disk has already. No
// disk has this one.
constexpr const char* kNameInMemory = "/dev/null/orrery";

// Files that live in memory. Superblock version 0, for the sake of every tool and because HDF5
// 1.10 spoils the checksum of a later one when it hands out the image of an open file.
Handle memory_access() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // we report errors; the library need not print
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "open HDF5");
  check(H5Pset_fapl_core(access.id(), kGrowthBytes, 0), "open HDF5");
  check(H5Pset_libver_bounds(access.id(), H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST), "open HDF5");
  return access;
}

// Links keep the order in which they were made; objects carry no times.
Handle group_properties(hid_t property_class) {
  Handle properties(H5Pcreate(property_class), H5Pclose, "make a group");
  check(H5Pset_link_creation_order(properties.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        "make a group");
  check(H5Pset_obj_track_times(properties.id(), false), "make a group");
  return properties;
}

Handle column_properties(const Shape& shape) {
  Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "make a column");
  check(H5Pset_obj_track_times(properties.id(), false), "make a column");
  // Neither a scalar nor an empty column can have chunks.
  if (!shape.empty() && Dataset::element_count(shape) != 0) {
    std::vector<hsize_t> chunk(shape.begin(), shape.end());
    hsize_t room = kChunkElements;
    for (std::size_t i = chunk.size(); i-- > 0;) {
      chunk[i] = std::min(chunk[i], room);
      room = std::max<hsize_t>(1, room / chunk[i]);
    }
    check(H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data()),
          "make a column");
    check(H5Pset_shuffle(properties.id()), "make a column");
    check(H5Pset_deflate(properties.id(), kCompression), "make a column");
  }
  return properties;
}

}  // namespace

File File::create() {
  const Handle access = memory_access();
  const Handle creation = group_properties(H5P_FILE_CREATE);
  check(H5Pset_istore_k(creation.id(), kChunksPerNode), "make an HDF5 file");
  return File(Handle(H5Fcreate(kNameInMemory, H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose,
                     "make an HDF5 file"));
}

File File::open(const std::vector<std::byte>& image) {
  const Handle access = memory_access();
  std::vector<std::byte> copy = image;  // HDF5 asks for a pointer it could write through
  check(H5Pset_file_image(access.id(), copy.data(), copy.size()), "open HDF5");
  return File(Handle(H5Fopen(kNameInMemory, H5F_ACC_RDONLY, access.id()), H5Fclose, "open HDF5"));
}

Group File::root() const {
  return Group(Handle(H5Gopen2(handle_.id(), "/", H5P_DEFAULT), H5Gclose, "open /"), "/");
}

std::vector<std::byte> File::image() const {
  check(H5Fflush(handle_.id(), H5F_SCOPE_GLOBAL), "flush the file");
  const auto size = H5Fget_file_image(handle_.id(), nullptr, 0);
  check(size < 0 ? -1 : 0, "size the file");
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  const auto copied = H5Fget_file_image(handle_.id(), bytes.data(), bytes.size());
  check(copied < 0 ? -1 : 0, "copy the file");
  return bytes;
}

Group Group::create_group(const std::string& name) {
  const Handle properties = group_properties(H5P_GROUP_CREATE);
  return Group(
      Handle(H5Gcreate2(handle_.id(), name.c_str(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
             H5Gclose, "make group " + path_ + name),
      path_ + name + "/");
}

Group Group::group(const std::string& name) const {
  return Group(Handle(H5Gopen2(handle_.id(), name.c_str(), H5P_DEFAULT), H5Gclose,
                      "open group " + path_ + name),
               path_ + name + "/");
}

Dataset Group::dataset(const std::string& name) const {
  return Dataset(
      Handle(H5Dopen2(handle_.id(), name.c_str(), H5P_DEFAULT), H5Dclose, "open " + path_ + name),
      path_ + name);
}

bool Group::contains(const std::string& name) const {
  return H5Lexists(handle_.id(), name.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> Group::names() const {
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5L_info_t*, void* result) -> herr_t {
    auto& list = *static_cast<std::vector<std::string>*>(result);
    if (list.size() == kMostNames) {
      return -1;
    }
    list.emplace_back(name);
    return 0;
  };
  check(H5Literate(handle_.id(), H5_INDEX_CRT_ORDER, H5_ITER_INC, nullptr, collect, &names),
        "list " + path_);
  return names;
}

Dataset Group::create_dataset(const std::string& name, Id type, const Shape& shape) {
  const Handle space = make_space(shape);
  const Handle properties = column_properties(shape);
  return Dataset(Handle(H5Dcreate2(handle_.id(), name.c_str(), type, space.id(), H5P_DEFAULT,
                                   properties.id(), H5P_DEFAULT),
                        H5Dclose, "make " + path_ + name),
                 path_ + name);
}

Dataset Group::create_dataset(const std::string& name, ElementType type, const Shape& shape) {
  return create_dataset(name, file_type(type), shape);
}

Dataset Group::write_raw(const std::string& name,
                         ElementType type,
                         const void* data,
                         const Shape& shape) {
  Dataset dataset = create_dataset(name, type, shape);
  if (Dataset::element_count(shape) != 0) {
    dataset.fill(memory_type(type), data);
  }
  return dataset;
}

Dataset Group::write_strings(const std::string& name,
                             const std::vector<const char*>& values,
                             const Shape& shape) {
  const Handle type = text_type();
  Dataset dataset = create_dataset(name, type.id(), shape);
  if (!values.empty()) {
    dataset.fill(type.id(), values.data());
  }
  return dataset;
}

Dataset Group::write_text(const std::string& name, const std::vector<std::string>& values) {
  std::vector<const char*> raw;
  raw.reserve(values.size());
  for (const std::string& value : values) {
    raw.push_back(value.c_str());
  }
  return write_strings(name, raw, {raw.size()});
}

Dataset Group::write_text(const std::string& name, const std::string& value) {
  return write_strings(name, {value.c_str()}, {});
}

}  // namespace orrery::hdf5

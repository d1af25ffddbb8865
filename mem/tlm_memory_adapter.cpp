// SPDX-License-Identifier: Apache-2.0
#include "mem/tlm_memory_adapter.h"

#include <algorithm>
#include <stdexcept>

#include "sim/sim_time.h"

namespace orrery {

// Comes back to the pool when the last one who acquired it has let go.
class TlmMemoryAdapter::Payload : public tlm::tlm_generic_payload, public tlm::tlm_mm_interface {
 public:
  Payload(TlmMemoryAdapter& owner, std::uint32_t bytes) : owner_(owner), data_(bytes) {
    set_mm(this);
  }
  void free(tlm::tlm_generic_payload* /*self*/) override {
    reset();
    owner_.free_.push_back(this);
  }
  void prepare(Access access, std::uint64_t address, std::uint32_t bytes) {
    set_command(access == Access::kRead ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND);
    set_address(address);
    set_data_ptr(data_.data());
    set_data_length(bytes);
    set_streaming_width(bytes);
    set_byte_enable_ptr(nullptr);
    set_dmi_allowed(false);
    set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  }

  Job* job = nullptr;
  bool responded = false;

 private:
  TlmMemoryAdapter& owner_;
  std::vector<unsigned char> data_;
};

TlmMemoryAdapter::TlmMemoryAdapter(const sc_core::sc_module_name& name,
                                   const TlmMemoryAdapterConfig& config,
                                   CounterRegistry& registry)
    : sc_module(name), config_(config), wake_up_(this->name(), registry) {
  if (config.chunk_bytes == 0 || config.outstanding_chunks == 0) {
    throw std::invalid_argument("a TLM adapter needs chunks of at least 1 B and at least one");
  }
  const std::string path = this->name();
  registry.add(path + ".read_bytes", "byte", "bytes read from memory", count_.read_bytes);
  registry.add(path + ".write_bytes", "byte", "bytes written to memory", count_.write_bytes);
  registry.add(path + ".chunks", "1", "payloads sent", count_.chunks);
  socket.register_nb_transport_bw(this, &TlmMemoryAdapter::nb_transport_bw);
  SC_HAS_PROCESS(TlmMemoryAdapter);
  SC_METHOD(process);
  wake_up_.wakes_on(sensitive);
  dont_initialize();
}

TlmMemoryAdapter::~TlmMemoryAdapter() = default;

void TlmMemoryAdapter::send(Transfer& transfer, TransferInitiator& initiator, Femtoseconds at_fs) {
  inbox_.push(at_fs, transfer.source, transfer.sequence, {&transfer, &initiator},
              sc_core::sc_delta_count());
  wake_up_.at(at_fs);
}

void TlmMemoryAdapter::spread(Transfer& transfer) const {
  transfer.shares.assign(1, {config_.node, transfer.bytes()});
}

void TlmMemoryAdapter::process() {
  wake_up_.woken();
  const Femtoseconds now = now_fs();
  inbox_.drain(now, sc_core::sc_delta_count(), [this](const Request& request, Femtoseconds) {
    const std::uint64_t bytes = request.transfer->bytes();
    (request.transfer->access == Access::kRead ? count_.read_bytes : count_.write_bytes) += bytes;
    jobs_.push_back({request, 0, 0, 0, 0, false});
  });
  // In the order in which they came: `finish` may not see responses that a send adds.
  for (std::size_t i = 0; i < responses_.size();) {
    if (responses_[i].at_fs > now) {
      ++i;
      continue;
    }
    Payload& payload = *responses_[i].payload;
    responses_.erase(responses_.begin() + static_cast<std::ptrdiff_t>(i));
    finish(payload, now);
  }
  send_chunks(now);
  while (!jobs_.empty() && jobs_.front().all_sent && jobs_.front().chunks_left == 0) {
    jobs_.pop_front();
  }
  Femtoseconds next_fs = inbox_.next_fs();
  for (const Response& response : responses_) {
    next_fs = std::min(next_fs, response.at_fs);
  }
  wake_up_.at(next_fs);
}

void TlmMemoryAdapter::send_chunks(Femtoseconds now_fs) {
  for (Job& job : jobs_) {
    std::uint64_t address = 0;
    std::uint32_t bytes = 0;
    while (!job.all_sent) {
      if (in_request_ != nullptr || outstanding_ == config_.outstanding_chunks) {
        return;
      }
      if (!next_chunk(job, address, bytes)) {
        job.all_sent = true;
        if (job.chunks_left == 0 && job.request.transfer != nullptr) {
          // Nothing to move, or the last response was already there.
          job.request.transfer->mark(Stage::kMemory, now_fs);
          job.request.initiator->complete(*job.request.transfer, now_fs);
          job.request = {};
        }
        break;
      }
      Payload& payload = acquire();
      payload.prepare(job.request.transfer->access, address, bytes);
      payload.job = &job;
      payload.responded = false;
      ++job.chunks_left;
      ++outstanding_;
      ++count_.chunks;
      in_request_ = &payload;
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      const tlm::tlm_sync_enum status = socket->nb_transport_fw(payload, phase, delay);
      if (status == tlm::TLM_COMPLETED ||
          (status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP)) {
        respond(payload, delay);
        if (status == tlm::TLM_UPDATED) {
          phase = tlm::END_RESP;
          socket->nb_transport_fw(payload, phase, delay);
        }
      } else if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
        in_request_ = nullptr;
      }
    }
  }
}

bool TlmMemoryAdapter::next_chunk(Job& job, std::uint64_t& address, std::uint32_t& bytes) const {
  const std::vector<Block>& blocks = job.request.transfer->blocks;
  while (job.block < blocks.size()) {
    const Block& block = blocks[job.block];
    if (job.row >= block.rows || block.row_bytes == 0) {
      ++job.block;
      job.row = 0;
      continue;
    }
    address = block.row_address(job.row) + job.byte;
    const std::uint64_t to_edge = config_.chunk_bytes - address % config_.chunk_bytes;
    bytes = static_cast<std::uint32_t>(std::min(block.row_bytes - job.byte, to_edge));
    job.byte += bytes;
    if (job.byte == block.row_bytes) {
      job.byte = 0;
      ++job.row;
    }
    return true;
  }
  return false;
}

TlmMemoryAdapter::Payload& TlmMemoryAdapter::acquire() {
  if (free_.empty()) {
    pool_.push_back(std::make_unique<Payload>(*this, config_.chunk_bytes));
    free_.push_back(pool_.back().get());
  }
  Payload& payload = *free_.back();
  free_.pop_back();
  payload.acquire();
  return payload;
}

void TlmMemoryAdapter::respond(Payload& payload, const sc_core::sc_time& delay) {
  if (in_request_ == &payload) {
    in_request_ = nullptr;  // a response ends the request phase, too
  }
  if (!payload.responded) {
    payload.responded = true;
    responses_.push_back({now_fs() + delay.value(), &payload});
    wake_up_.soon();
  }
}

tlm::tlm_sync_enum TlmMemoryAdapter::nb_transport_bw(tlm::tlm_generic_payload& payload,
                                                     tlm::tlm_phase& phase,
                                                     sc_core::sc_time& delay) {
  if (phase == tlm::END_REQ) {
    if (in_request_ == &payload) {
      in_request_ = nullptr;
      wake_up_.soon();
    }
    return tlm::TLM_ACCEPTED;
  }
  if (phase == tlm::BEGIN_RESP) {
    respond(static_cast<Payload&>(payload), delay);
    phase = tlm::END_RESP;
    return tlm::TLM_COMPLETED;
  }
  return tlm::TLM_ACCEPTED;  // phases of other protocols are none of ours
}

void TlmMemoryAdapter::finish(Payload& payload, Femtoseconds now_fs) {
  if (payload.is_response_error()) {
    throw std::runtime_error(std::string(name()) + ": memory answers " +
                             payload.get_response_string() + " at address " +
                             std::to_string(payload.get_address()));
  }
  Job& job = *payload.job;
  --outstanding_;
  payload.release();
  if (--job.chunks_left == 0 && job.all_sent) {
    job.request.transfer->mark(Stage::kMemory, now_fs);
    job.request.initiator->complete(*job.request.transfer, now_fs);
    job.request = {};
  }
}

void TlmMemoryAdapter::report_waits(std::vector<std::string>& lines) const {
  for (const Job& job : jobs_) {
    if (job.request.transfer != nullptr) {
      lines.push_back(std::string(name()) + ": transfer " +
                      std::to_string(job.request.transfer->sequence) + " of node " +
                      std::to_string(job.request.transfer->source) + " waits for " +
                      std::to_string(job.chunks_left) + " TLM responses");
    }
  }
}

}  // namespace orrery

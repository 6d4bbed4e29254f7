// The small kernels of a language model by name: what each reads, writes and computes. A row is one token; activations
// are bf16 unless said otherwise.
#pragma once

#include <cstdint>
#include <string>

#include "wordline/chip/chip.h"
#include "wordline/chip/kernel.h"

namespace wordline::chip {

// RMSNorm of rows of `width`, twice over the row: its square sum, then the scaling. With `residual` it adds the
// residual stream first and writes it back (vLLM's fused_add_rms_norm).
Kernel rms_norm(std::string name, std::int64_t rows, std::int64_t width, bool residual);
// Rotary positions of `rotated` numbers a row, `cached` bytes of keys and values written to the cache a row.
Kernel rotary(std::string name, std::int64_t rows, std::int64_t rotated, core::Bytes cached);
// Whether the attention kernels of the chip's library rotate queries and keys and store what is new themselves: then
// neither `rotary` nor a copy into the cache runs beside them.
bool attention_prepares(const Chip&);
// Whether that library runs the attention of prompt chunks and of sequences that decode beside them in one kernel.
bool attention_joint(const Chip&);
// act(gate) * up: reads twice the width, writes it.
Kernel gated_activation(std::string name, std::int64_t rows, std::int64_t width);
// Looks `rows` vectors of `width` numbers up in a table.
Kernel embedding(std::string name, std::int64_t rows, std::int64_t width);
// Softmax over the vocabulary in 32 bits, and the draw of a token; `top_k` sorts besides.
Kernel sampling(std::string name, std::int64_t rows, std::int64_t vocabulary, bool top_k);
// The k largest of `of` router logits in 32 bits a row, with their softmax or sigmoid.
Kernel top_k(std::string name, std::int64_t rows, std::int64_t of, int k);
// bf16 to fp8 with a scale that is known: one pass over rows x width.
Kernel quantise_static(std::string name, std::int64_t rows, std::int64_t width);
// The scale of a tensor: the largest magnitude of rows x width, in several kernels (magnitudes, their maximum, the
// quotient) as TensorRT-LLM's and PyTorch's do it.
Kernel compute_scale(std::string name, std::int64_t rows, std::int64_t width);
// compute_scale and quantise_static, in one kernel a row or block.
Kernel quantise_dynamic(std::string name, std::int64_t rows, std::int64_t width);
// Reads so many bytes and writes them elsewhere.
Kernel copy(std::string name, core::Bytes amount);

}  // namespace wordline::chip

// What a back end is, behind the C ABI, and what it is given: checked arrays.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "abi.h"
#include "gaussian.h"

namespace rt {

// An error with the code that the ABI returns for it.
struct Error : std::runtime_error {
  int32_t code;
  Error(int32_t code_, const std::string& text) : std::runtime_error(text), code(code_) {}
};

struct Backend {
  virtual ~Backend() = default;
  virtual std::string describe() const = 0;
  virtual void set(const rt_gaussians& gaussians) = 0;
  virtual void bind(const rt_binding& binding) = 0;
  virtual void render(const View& view, rt_frame& frame) = 0;
};

std::unique_ptr<Backend> make_backend(uint32_t threads, const std::string& instructions);

}  // namespace rt

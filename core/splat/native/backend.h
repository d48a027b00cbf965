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
  // Whether a frame may be drawn without giving its picture out.
  virtual bool keeps_pictures() const { return false; }
  virtual void set(const rt_gaussians& gaussians) = 0;
  virtual void bind(const rt_binding& binding) = 0;
  virtual void render(const View& view, rt_frame& frame) = 0;
  // Of raw Gaussians. Without bases there are to be no correctives; without coefficients (null)
  // the Gaussians are to be as they were set.
  virtual void set_raw(const rt_raw&) { lacking(); }
  virtual void set_correctives(const rt_correctives&) { lacking(); }
  virtual void correct(const float*) { lacking(); }
  virtual void gradient(const View&, rt_frame&, rt_gradients&) { lacking(); }

 private:
  [[noreturn]] static void lacking() {
    throw Error(RT_DEVICE, "this back end draws Gaussians but does not optimise or correct them: use "
                           "the CPU's");
  }
};

std::unique_ptr<Backend> make_backend(uint32_t threads, const std::string& instructions);

}  // namespace rt

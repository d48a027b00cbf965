// Threads of a block that take turns: each runs until it meets the others, so that a block runs in
// lock step on one processor, its threads in whatever order the test asks for.
#pragma once

#include <ucontext.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace emulated {

[[noreturn]] inline void fault(const char* words) {
  std::fprintf(stderr, "emulated CUDA: %s\n", words);
  std::abort();
}

#if defined(__x86_64__) && defined(__linux__)
// Keeps what a called function must keep, swaps the stacks: far cheaper than swapcontext, which
// asks the kernel for the signals each time.
extern "C" void emulated_swap(void** from, void* to);
asm(R"(
.text
.hidden emulated_swap
.globl emulated_swap
.weak emulated_swap
.type emulated_swap, @function
emulated_swap:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emulated_swap, .-emulated_swap
)");
#define EMULATED_SWAP 1
#endif

// Two threads of work that hand over to one another.
class Fiber {
 public:
  static constexpr size_t kStack = 256 * 1024;

  Fiber() : stack_(new char[kStack]) {}

  void start(void (*work)()) {
#if EMULATED_SWAP
    auto top = reinterpret_cast<uintptr_t>(stack_.get() + kStack) & ~uintptr_t(15);
    void** at = reinterpret_cast<void**>(top);
    *--at = nullptr;  // as if called: the stack is 8 beside a multiple of 16
    *--at = reinterpret_cast<void*>(work);
    for (int i = 0; i < 6; ++i) *--at = nullptr;
    here_ = at;
#else
    getcontext(&mine_);
    mine_.uc_stack.ss_sp = stack_.get(), mine_.uc_stack.ss_size = kStack;
    mine_.uc_link = nullptr;
    makecontext(&mine_, work, 0);
#endif
  }

  void enter() {
#if defined(__SANITIZE_ADDRESS__)
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(&fake, stack_.get(), kStack);
#endif
    swap(true);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
  }

  // From within: back to who entered.
  void leave(bool for_good) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(for_good ? nullptr : &fake_, outer_, outer_size_);
#else
    (void)for_good;
#endif
    swap(false);
    entered();
  }

  // The first thing that runs within.
  void entered() {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake_, &outer_, &outer_size_);
    fake_ = nullptr;
#endif
  }

 private:
  void swap(bool in) {
#if EMULATED_SWAP
    in ? emulated_swap(&there_, here_) : emulated_swap(&here_, there_);
#else
    in ? swapcontext(&theirs_, &mine_) : swapcontext(&mine_, &theirs_);
#endif
  }
  std::unique_ptr<char[]> stack_;
#if EMULATED_SWAP
  void *here_ = nullptr, *there_ = nullptr;
#else
  ucontext_t mine_, theirs_;
#endif
#if defined(__SANITIZE_ADDRESS__)
  void* fake_ = nullptr;
  const void* outer_ = nullptr;
  size_t outer_size_ = 0;
#endif
};

}  // namespace emulated

// Threads that wait for work; the caller works too.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace rt {

class Pool {
 public:
  explicit Pool(uint32_t threads) {
    try {
      for (uint32_t i = 1; i < threads; ++i) workers_.emplace_back([this] { wait(); });
    } catch (...) {
      stop();  // a machine that has no more threads: what is there is joined before it is told
      throw;
    }
  }
  ~Pool() { stop(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  uint32_t size() const { return uint32_t(workers_.size()) + 1; }

  // Calls work(index) for every index below count, on any thread and in any order. The first
  // exception is thrown here once all threads have stopped.
  template <class Work> void each(uint32_t count, const Work& work) {
    if (count == 0) return;
    if (workers_.empty() || count == 1) {
      for (uint32_t i = 0; i < count; ++i) work(i);
      return;
    }
    {
      std::lock_guard<std::mutex> hold(lock_);
      work_ = &work;
      call_ = [](const void* w, uint32_t i) { (*static_cast<const Work*>(w))(i); };
      count_ = count, next_ = 0, failed_ = nullptr;
      running_ = uint32_t(workers_.size());
      ++round_;
    }
    wake_.notify_all();
    take();
    std::unique_lock<std::mutex> hold(lock_);
    done_.wait(hold, [this] { return running_ == 0; });
    if (failed_) std::rethrow_exception(failed_);
  }

 private:
  void take() {
    for (;;) {
      const uint32_t i = next_.fetch_add(1, std::memory_order_relaxed);
      if (i >= count_) return;
      try {
        call_(work_, i);
      } catch (...) {
        std::lock_guard<std::mutex> hold(lock_);
        if (!failed_) failed_ = std::current_exception();
        next_ = count_;
      }
    }
  }

  void wait() {
    uint64_t seen = 0;
    std::unique_lock<std::mutex> hold(lock_);
    for (;;) {
      wake_.wait(hold, [&] { return ended_ || round_ != seen; });
      if (ended_) return;
      seen = round_;
      hold.unlock();
      take();
      hold.lock();
      if (--running_ == 0) done_.notify_one();
    }
  }

  void stop() {
    {
      std::lock_guard<std::mutex> hold(lock_);
      ended_ = true;
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
    workers_.clear();
  }

  std::vector<std::thread> workers_;
  std::mutex lock_;
  std::condition_variable wake_, done_;
  const void* work_ = nullptr;
  void (*call_)(const void*, uint32_t) = nullptr;
  std::atomic<uint32_t> next_{0};
  uint32_t count_ = 0, running_ = 0;
  uint64_t round_ = 0;
  bool ended_ = false;
  std::exception_ptr failed_;
};

}  // namespace rt

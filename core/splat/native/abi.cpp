// The C ABI: checks everything that comes in, lets no exception out.
#include "abi.h"

#include <map>
#include <mutex>

#include "checks.h"
#include "optimise.h"

using namespace rt;

namespace {

struct Renderer {
  std::unique_ptr<Backend> backend;
  std::mutex busy;
  uint32_t gaussians = 0, vertices = 0, degree = 0, bases = 0;
  bool bound = false, set = false, raw = false;
};

std::mutex g_lock;
std::map<uint64_t, std::shared_ptr<Renderer>> g_renderers;
uint64_t g_last = 0;

constexpr uint32_t kMostGaussians = 1u << 26;
constexpr uint32_t kMostVertices = 1u << 26;
constexpr uint32_t kMostBases = 4096;

std::shared_ptr<Renderer> find(uint64_t number) {
  std::lock_guard<std::mutex> hold(g_lock);
  auto found = g_renderers.find(number);
  if (found == g_renderers.end()) refuse("no such renderer: it was closed or never opened");
  return found->second;
}

uint64_t harmonics_of(uint32_t degree) {
  if (degree > 3) refuse("spherical harmonics have a degree of 0 to 3");
  return uint64_t(degree + 1) * (degree + 1);
}

// What was bound or corrected stays only where new Gaussians are as many, and of the same degree.
void keep_what_fits(Renderer& renderer, uint32_t gaussians, uint32_t degree, bool raw) {
  if (gaussians > kMostGaussians) refuse("at most 67108864 Gaussians");
  if (gaussians != renderer.gaussians) renderer.bound = false;
  if (gaussians != renderer.gaussians || degree != renderer.degree || !raw || !renderer.raw)
    renderer.bases = 0;
  renderer.set = renderer.raw = false;
}

uint32_t threads_of(uint32_t wanted) {
  if (wanted > 1024) refuse("at most 1024 threads");
  return wanted ? wanted : std::min(std::max(1u, std::thread::hardware_concurrency()), 64u);
}

// Runs `work` with the renderer to itself. A fault that is not of the arguments leaves the
// renderer's arrays in doubt: it must be set again.
template <class Work> void with(uint64_t number, const Work& work) {
  const std::shared_ptr<Renderer> renderer = find(number);
  std::lock_guard<std::mutex> hold(renderer->busy);
  work(*renderer);
}

// What a frame must be for these Gaussians; its counts and times are set to 0.
View checked(const Renderer& renderer, rt_frame* frame, bool backward) {
  versioned(frame, "rt_frame");
  if (!renderer.set) refuse("there are no Gaussians to draw: set them first");
  const View view = view_of(*frame);
  const uint64_t pixels = uint64_t(frame->width) * frame->height;
  expect(frame->rgba, pixels * 4, "rgba", backward || renderer.backend->keeps_pictures());
  expect(frame->depth, pixels, "depth", true);
  expect(frame->normals, pixels * 3, "normals", true);
  if (frame->vertices.data || frame->vertices.count) {
    if (!renderer.bound) refuse("the Gaussians are bound to no mesh: give no vertices");
    expect(frame->vertices, uint64_t(renderer.vertices) * 3, "vertices", false);
  }
  for (double& value : frame->seconds) value = 0;
  frame->drawn = frame->pairs = 0;
  return view;
}

}  // namespace

extern "C" {

uint32_t rt_version(void) { return RT_VERSION; }

uint32_t rt_size(uint32_t which) {
  const size_t sizes[] = {sizeof(rt_gaussians), sizeof(rt_binding),     sizeof(rt_frame),
                          sizeof(rt_raw),       sizeof(rt_correctives), sizeof(rt_gradients)};
  return which < 6 ? uint32_t(sizes[which]) : 0;
}

int32_t rt_open(uint32_t threads, const char* instructions, uint64_t* out, rt_text text) {
  return guarded(text, [&] {
    if (!out) refuse("no place for the renderer's number");
    *out = 0;
    if (threads > 1024) refuse("at most 1024 threads");
    auto renderer = std::make_shared<Renderer>();
    renderer->backend = make_backend(threads, instructions ? instructions : "");
    std::lock_guard<std::mutex> hold(g_lock);
    g_renderers[++g_last] = renderer;
    *out = g_last;
  });
}

int32_t rt_close(uint64_t number, rt_text text) {
  return guarded(text, [&] {
    const auto renderer = find(number);
    std::lock_guard<std::mutex> hold(g_lock);
    g_renderers.erase(number);
  });
}

int32_t rt_describe(uint64_t number, rt_text text) {
  std::string words;
  const int32_t code =
      guarded(text, [&] { with(number, [&](Renderer& r) { words = r.backend->describe(); }); });
  if (code == RT_OK) say(text, words.c_str());
  return code;
}

int32_t rt_set(uint64_t number, const rt_gaussians* given, rt_text text) {
  return guarded(text, [&] {
    with(number, [&](Renderer& renderer) {
      versioned(given, "rt_gaussians");
      const uint64_t n = given->gaussians, k = harmonics_of(given->degree);
      if (n > kMostGaussians) refuse("at most 67108864 Gaussians");
      expect(given->positions, n * 3, "positions", false);
      expect(given->covariances, n * 6, "covariances", false);
      expect(given->opacities, n, "opacities", false);
      expect(given->harmonics, n * k * 3, "harmonics", false);
      expect(given->turns, n * 4, "turns", true);
      expect(given->normals, n * 3, "normals", true);
      keep_what_fits(renderer, given->gaussians, given->degree, false);
      renderer.backend->set(*given);
      renderer.gaussians = given->gaussians, renderer.degree = given->degree;
      renderer.set = true;
    });
  });
}

int32_t rt_set_raw(uint64_t number, const rt_raw* given, rt_text text) {
  return guarded(text, [&] {
    with(number, [&](Renderer& renderer) {
      versioned(given, "rt_raw");
      const uint64_t n = given->gaussians, k = harmonics_of(given->degree);
      if (n > kMostGaussians) refuse("at most 67108864 Gaussians");
      const struct { const rt_in& array; uint64_t count; const char* name; } arrays[] = {
          {given->positions, n * 3, "positions"},   {given->log_scales, n * 3, "log-scales"},
          {given->rotations, n * 4, "rotations"},   {given->opacity_logits, n, "opacity logits"},
          {given->harmonics, n * k * 3, "harmonics"}};
      for (const auto& each : arrays) expect(each.array, each.count, each.name, false);
      for (const auto& each : arrays) expect_finite(each.array, each.name);
      keep_what_fits(renderer, given->gaussians, given->degree, true);
      renderer.backend->set_raw(*given);
      renderer.gaussians = given->gaussians, renderer.degree = given->degree;
      renderer.set = renderer.raw = true;
    });
  });
}

int32_t rt_set_correctives(uint64_t number, const rt_correctives* given, rt_text text) {
  return guarded(text, [&] {
    with(number, [&](Renderer& renderer) {
      versioned(given, "rt_correctives");
      if (!renderer.raw) refuse("there are no raw Gaussians to correct: set them first");
      if (given->bases > kMostBases) refuse("at most 4096 bases of correctives");
      const uint64_t rows = given->rows;
      if (given->harmonics > harmonics_of(renderer.degree))
        refuse("correctives have more harmonics than the Gaussians");
      expect(given->gaussian, rows, "Gaussians of correctives", false);
      expect(given->basis, rows, "bases of correctives", false);
      expect(given->positions, rows * 3, "correctives of positions", true, 2);
      expect(given->log_scales, rows * 3, "correctives of log-scales", true, 2);
      expect(given->rotations, rows * 3, "correctives of rotations", true, 2);
      expect(given->opacity_logits, rows, "correctives of opacity logits", true, 2);
      expect(given->sh, rows * given->harmonics * 3, "correctives of harmonics", true, 2);
      expect_rows(*given, renderer.gaussians);
      renderer.bases = 0;
      renderer.backend->set_correctives(*given);
      renderer.bases = given->bases;
    });
  });
}

int32_t rt_correct(uint64_t number, rt_in coefficients, rt_text text) {
  return guarded(text, [&] {
    with(number, [&](Renderer& renderer) {
      if (!renderer.raw) refuse("there are no raw Gaussians to correct: set them first");
      if (expect(coefficients, renderer.bases, "coefficients of correctives", true))
        expect_finite(coefficients, "coefficients of correctives");
      renderer.backend->correct(static_cast<const float*>(coefficients.data));
    });
  });
}

int32_t rt_bind(uint64_t number, const rt_binding* given, rt_text text) {
  return guarded(text, [&] {
    with(number, [&](Renderer& renderer) {
      versioned(given, "rt_binding");
      if (!renderer.set) refuse("there are no Gaussians to bind: set them first");
      const uint64_t v = given->vertices, t = given->triangles, n = renderer.gaussians;
      if (v > kMostVertices || t > kMostVertices) refuse("at most 67108864 vertices and triangles");
      expect(given->rest, v * 3, "rest vertices", false);
      expect(given->corners, t * 3, "corners", false);
      expect(given->triangle, n, "triangles of Gaussians", false);
      expect(given->barycentric, n * 3, "barycentric coordinates", false);
      const int32_t* corners = static_cast<const int32_t*>(given->corners.data);
      for (uint64_t i = 0; i < t * 3; ++i)
        if (corners[i] < 0 || uint64_t(corners[i]) >= v)
          refuse("triangle " + std::to_string(i / 3) + " has a corner that is no vertex");
      const int32_t* triangle = static_cast<const int32_t*>(given->triangle.data);
      for (uint64_t i = 0; i < n; ++i)
        if (triangle[i] < 0 || uint64_t(triangle[i]) >= t)
          refuse("Gaussian " + std::to_string(i) + " is bound to no triangle");
      renderer.bound = false;
      renderer.backend->bind(*given);
      renderer.vertices = given->vertices;
      renderer.bound = true;
    });
  });
}

int32_t rt_render(uint64_t number, rt_frame* frame, rt_text text) {
  return guarded(text, [&] {
    with(number, [&](Renderer& renderer) {
      const View view = checked(renderer, frame, false);
      renderer.backend->render(view, *frame);
    });
  });
}

int32_t rt_gradient(uint64_t number, rt_frame* frame, rt_gradients* given, rt_text text) {
  return guarded(text, [&] {
    with(number, [&](Renderer& renderer) {
      const View view = checked(renderer, frame, true);
      versioned(given, "rt_gradients");
      if (!renderer.raw) refuse("gradients need raw Gaussians: set them so");
      const uint64_t pixels = uint64_t(frame->width) * frame->height;
      const uint64_t n = renderer.gaussians, k = harmonics_of(renderer.degree);
      expect(given->d_rgba, pixels * 4, "d_rgba", false);
      expect(given->error, pixels, "error", true);
      expect(given->positions, n * 3, "gradients of positions", true);
      expect(given->log_scales, n * 3, "gradients of log-scales", true);
      expect(given->rotations, n * 3, "gradients of rotations", true);
      expect(given->opacity_logits, n, "gradients of opacity logits", true);
      expect(given->harmonics, n * k * 3, "gradients of harmonics", true);
      expect(given->scores, n * 4, "scores", true);
      expect_finite(given->d_rgba, "gradients of the picture");
      expect_finite(given->error, "errors of the picture");
      for (double& value : given->seconds) value = 0;
      renderer.backend->gradient(view, *frame, *given);
    });
  });
}

int32_t rt_adam(rt_out values, rt_in gradient, rt_out first, rt_out second, double rate, double beta1,
                double beta2, double epsilon, uint64_t step, uint32_t threads, rt_text text) {
  return guarded(text, [&] {
    expect(gradient, values.count, "gradient", false);
    expect(values, values.count, "values", false);
    expect(first, values.count, "first moments", false);
    expect(second, values.count, "second moments", false);
    if (!(std::fabs(rate) < 1e30 && epsilon > 0 && epsilon < 1e30))
      refuse("a rate must be finite, and epsilon above 0");
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) refuse("betas are 0 or more, below 1");
    if (!step) refuse("steps count from 1");
    const double power = double(step);
    const Adam a = {float(rate), float(beta1), float(beta2), float(epsilon), float(1 - beta1),
                    float(1 - beta2), float(1 / (1 - std::pow(beta1, power))),
                    float(1 / (1 - std::pow(beta2, power)))};
    float *value = static_cast<float*>(values.data), *m = static_cast<float*>(first.data);
    float* v = static_cast<float*>(second.data);
    const float* g = static_cast<const float*>(gradient.data);
    in_pieces(values.count, 1 << 16, threads_of(threads), [&](uint64_t begin, uint64_t end) {
      adam(a, value + begin, g + begin, m + begin, v + begin, end - begin);
    });
  });
}

int32_t rt_turn(rt_out quaternions, rt_in vectors, uint32_t threads, rt_text text) {
  return guarded(text, [&] {
    const uint64_t n = vectors.count / 3;
    expect(vectors, n * 3, "vectors", false);
    expect(quaternions, n * 4, "quaternions", false);
    in_pieces(n, 1 << 13, threads_of(threads), [&](uint64_t begin, uint64_t end) {
      turn(static_cast<float*>(quaternions.data), static_cast<const float*>(vectors.data), begin, end);
    });
  });
}

int32_t rt_loss(rt_in drawn, rt_in target, rt_in target_bytes, rt_in mask, double small,
                uint32_t threads, rt_out d_rgba, rt_out error, double* mean_square, rt_text text) {
  return guarded(text, [&] {
    const uint64_t n = drawn.count / 4;
    expect(drawn, n * 4, "drawn", false);
    const bool floats = expect(target, n * 4, "target", true);
    const bool bytes = expect(target_bytes, n * 4, "target in bytes", true, 1);
    if (n && floats == bytes) refuse("a target is either of floats or of bytes");
    expect(mask, n, "mask", true, 1);
    expect(d_rgba, n * 4, "d_rgba", false);
    expect(error, n, "error", true);
    if (!mean_square) refuse("no place for the mean of squares");
    if (!(small > 1e-6 && small < 1e6)) refuse("what is a small error must be above 0");
    const Loss a = {static_cast<const float*>(drawn.data), static_cast<const float*>(target.data),
                    static_cast<const uint8_t*>(target_bytes.data),
                    static_cast<const uint8_t*>(mask.data), float(small), float(0.25 / double(n)),
                    static_cast<float*>(d_rgba.data), static_cast<float*>(error.data)};
    std::vector<double> sums((n + kLossBlock - 1) / kLossBlock);
    in_pieces(sums.size(), 4, threads_of(threads), [&](uint64_t begin, uint64_t end) {
      for (uint64_t i = begin; i < end; ++i)
        sums[i] = loss(a, i * kLossBlock, std::min(n, (i + 1) * kLossBlock));
    });
    double sum = 0;
    for (double each : sums) sum += each;
    *mean_square = n ? sum / (4 * double(n)) : 0;
  });
}

}  // extern "C"

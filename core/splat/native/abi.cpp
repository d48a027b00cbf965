// The C ABI: checks everything that comes in, lets no exception out.
#include "abi.h"

#include <map>
#include <mutex>

#include "adam.h"
#include "checks.h"

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
      const uint64_t bases = given->bases, n = renderer.gaussians, k = harmonics_of(renderer.degree);
      expect(given->positions, bases * n * 3, "correctives of positions", true, 2);
      expect(given->log_scales, bases * n * 3, "correctives of log-scales", true, 2);
      expect(given->rotations, bases * n * 3, "correctives of rotations", true, 2);
      expect(given->opacity_logits, bases * n, "correctives of opacity logits", true, 2);
      expect(given->harmonics, bases * n * k * 3, "correctives of harmonics", true, 2);
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
    if (threads > 1024) refuse("at most 1024 threads");
    const double power = double(step);
    const Adam adam = {float(rate), float(beta1), float(beta2), float(epsilon),
                           float(1 - beta1), float(1 - beta2),
                           float(1 / (1 - std::pow(beta1, power))),
                           float(1 / (1 - std::pow(beta2, power)))};
    const uint32_t here = std::max(1u, std::thread::hardware_concurrency());
    adam_threaded(adam, static_cast<float*>(values.data),
                      static_cast<const float*>(gradient.data), static_cast<float*>(first.data),
                      static_cast<float*>(second.data), values.count,
                      threads ? threads : std::min(here, 64u));
  });
}

}  // extern "C"

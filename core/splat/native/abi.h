/* The one door of the native renderers: plain C, the same for the CPU's and the GPU's library.
 *
 * A renderer is a number, not an address, so that a stale or made-up one is an error and no crash.
 * Every array carries how many elements it has; every call returns 0 or a code below, and then puts
 * one line into `text`. Calls on one renderer wait for one another. */
#ifndef RIGTALK_SPLAT_ABI_H
#define RIGTALK_SPLAT_ABI_H
#include <stdint.h>

#if defined(_WIN32)
#define RT_EXPORT __declspec(dllexport)
#else
#define RT_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum { RT_VERSION = 1 };
enum { RT_OK = 0, RT_ARGUMENT = 1, RT_MEMORY = 2, RT_DEVICE = 3, RT_FAULT = 4 };

typedef struct { const void* data; uint64_t count; } rt_in;  /* count: elements of 4 bytes */
typedef struct { void* data; uint64_t count; } rt_out;       /* no data: not wanted */
typedef struct { char* data; uint64_t count; } rt_text;

typedef struct {
  uint32_t bytes;      /* of this structure, as a version of it */
  uint32_t gaussians;  /* n */
  uint32_t degree;     /* of the spherical harmonics, 0 to 3; k = (degree + 1)^2 */
  uint32_t unused;
  rt_in positions;     /* n x 3 float */
  rt_in covariances;   /* n x 6 float: xx xy xz yy yz zz */
  rt_in opacities;     /* n float, 0 to 1 */
  rt_in harmonics;     /* n x k x 3 float */
  rt_in turns;         /* n x 4 float, wxyz, or none: unturned */
  rt_in normals;       /* n x 3 float, or none: zero */
} rt_gaussians;

typedef struct {
  uint32_t bytes;
  uint32_t vertices, triangles, unused;
  rt_in rest;          /* vertices x 3 float */
  rt_in corners;       /* triangles x 3 int32 */
  rt_in triangle;      /* n int32 */
  rt_in barycentric;   /* n x 3 float */
} rt_binding;

typedef struct {
  uint32_t bytes;
  uint32_t width, height;  /* pixels, at most 16384 each */
  uint32_t antialiased;
  double rotation[9], translation[3], fx, fy, cx, cy, near_, dilation, margin;
  rt_in vertices;      /* vertices x 3 float where Gaussians are bound, none where they are not */
  rt_out rgba;         /* height x width x 4 float, premultiplied */
  rt_out depth;        /* height x width float */
  rt_out normals;      /* height x width x 3 float */
  double seconds[4];   /* out: of deforming and projecting, sorting, binning, blending */
  uint64_t drawn, pairs;  /* out: Gaussians in the picture, and pairs of Gaussian and tile */
} rt_frame;

RT_EXPORT uint32_t rt_version(void);
RT_EXPORT uint32_t rt_size(uint32_t which);  /* 0 rt_gaussians, 1 rt_binding, 2 rt_frame */
/* threads: 0 for as many as the machine has. instructions: "" for the best, or "portable", "avx2", "avx512". */
RT_EXPORT int32_t rt_open(uint32_t threads, const char* instructions, uint64_t* renderer, rt_text text);
RT_EXPORT int32_t rt_close(uint64_t renderer, rt_text text);
/* One line on what draws: the instructions or the device. */
RT_EXPORT int32_t rt_describe(uint64_t renderer, rt_text text);
RT_EXPORT int32_t rt_set(uint64_t renderer, const rt_gaussians* gaussians, rt_text text);
RT_EXPORT int32_t rt_bind(uint64_t renderer, const rt_binding* binding, rt_text text);
RT_EXPORT int32_t rt_render(uint64_t renderer, rt_frame* frame, rt_text text);

#ifdef __cplusplus
}
#endif
#endif

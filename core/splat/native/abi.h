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

enum { RT_VERSION = 2 };
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

/* The same as they are optimised and stored: covariances, opacities and normals are found from it. */
typedef struct {
  uint32_t bytes, gaussians, degree, unused;
  rt_in positions;       /* n x 3 float */
  rt_in log_scales;      /* n x 3 float, natural logarithms */
  rt_in rotations;       /* n x 4 float, wxyz, of any length but 0 */
  rt_in opacity_logits;  /* n float */
  rt_in harmonics;       /* n x k x 3 float */
} rt_raw;

/* Differences that are added to raw Gaussians: a row is what one basis, times its coefficient, adds
 * to one Gaussian; rows of the same pair add up. The arrays after `basis` are of halfs (IEEE
 * binary16), so their counts are of elements of 2 bytes; any of them may be none. */
typedef struct {
  uint32_t bytes, bases, rows;
  uint32_t harmonics;    /* of a row, the lower of the Gaussians' k: 0 to k */
  rt_in gaussian;        /* rows uint32, never falling, below n */
  rt_in basis;           /* rows uint32, below bases */
  rt_in positions;       /* rows x 3 */
  rt_in log_scales;      /* rows x 3 */
  rt_in rotations;       /* rows x 3: q becomes q * exp(v), v in the Gaussian's own axes */
  rt_in opacity_logits;  /* rows */
  rt_in sh;              /* rows x harmonics x 3 */
} rt_correctives;

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

/* The gradient of a loss of one picture to the raw Gaussians (corrected, where they are). */
typedef struct {
  uint32_t bytes, unused[3];
  rt_in d_rgba;          /* height x width x 4 float: of the loss, to the picture as rt_render gives it */
  rt_in error;           /* height x width float, or none: for the third score */
  rt_out positions;      /* n x 3 float; these five to eight: each may be unwanted */
  rt_out log_scales;     /* n x 3 float */
  rt_out rotations;      /* n x 3 float: to v at 0 where q becomes q * exp(v) */
  rt_out opacity_logits; /* n float */
  rt_out harmonics;      /* n x k x 3 float */
  rt_out scores;         /* n x 4 float: the length of (sum of |d x|, sum of |d y|), d being a pixel's
                            part in the gradient to the mean in pixels; the sum of weights (of blending); the
                            sum of weight times error; the largest weight */
  double seconds[3];     /* out: of the forward pass (0 where that of the last rt_render serves), of
                            blending backwards, and of the Gaussians' own chain */
} rt_gradients;

RT_EXPORT uint32_t rt_version(void);
/* 0 rt_gaussians, 1 rt_binding, 2 rt_frame, 3 rt_raw, 4 rt_correctives, 5 rt_gradients */
RT_EXPORT uint32_t rt_size(uint32_t which);
/* threads: 0 for as many as the machine has. instructions: "" for the best, or "portable", "avx2", "avx512". */
RT_EXPORT int32_t rt_open(uint32_t threads, const char* instructions, uint64_t* renderer, rt_text text);
RT_EXPORT int32_t rt_close(uint64_t renderer, rt_text text);
/* One line on what draws: the instructions or the device. */
RT_EXPORT int32_t rt_describe(uint64_t renderer, rt_text text);
RT_EXPORT int32_t rt_set(uint64_t renderer, const rt_gaussians* gaussians, rt_text text);
RT_EXPORT int32_t rt_set_raw(uint64_t renderer, const rt_raw* raw, rt_text text);
/* Of the raw Gaussians that were set; kept while the number and the degree of Gaussians that are set
 * anew stay the same; no bases: none. What is drawn changes with rt_correct only. */
RT_EXPORT int32_t rt_set_correctives(uint64_t renderer, const rt_correctives* correctives, rt_text text);
/* bases floats, or none: the Gaussians as they were set, which rt_set_raw comes back to, too. */
RT_EXPORT int32_t rt_correct(uint64_t renderer, rt_in coefficients, rt_text text);
RT_EXPORT int32_t rt_bind(uint64_t renderer, const rt_binding* binding, rt_text text);
RT_EXPORT int32_t rt_render(uint64_t renderer, rt_frame* frame, rt_text text);
/* Needs raw Gaussians. The frame is as for rt_render; its picture is drawn where rgba is wanted, and
 * its depth and normals are not. Cheapest right after rt_render of the same frame. */
RT_EXPORT int32_t rt_gradient(uint64_t renderer, rt_frame* frame, rt_gradients* gradients, rt_text text);
/* One step of Adam (Kingma and Ba, 2015, algorithm 1) in place, on memory of the host: step counts
 * from 1, threads 0 means as many as the machine has. All four arrays are as long. */
RT_EXPORT int32_t rt_adam(rt_out values, rt_in gradient, rt_out first, rt_out second, double rate,
                          double beta1, double beta2, double epsilon, uint64_t step, uint32_t threads,
                          rt_text text);

/* Quaternions (n x 4, wxyz) in place: q becomes q * exp(v) at length 1, v of n x 3. */
RT_EXPORT int32_t rt_turn(rt_out quaternions, rt_in vectors, uint32_t threads, rt_text text);
/* A robust loss of a picture of n pixels: w = drawn - target is 0 where the mask is, and
 * d_rgba = w / sqrt(w^2 + small^2) / 4n, the gradient of the mean of sqrt(w^2 + small^2); error is the
 * mean of |w| over a pixel's channels; mean_square that of w^2 over all. The target is n x 4 float, or
 * n x 4 bytes in 255ths, of which one is given (a count of bytes there, and in the mask, which may be
 * none). */
RT_EXPORT int32_t rt_loss(rt_in drawn, rt_in target, rt_in target_bytes, rt_in mask, double small,
                          uint32_t threads, rt_out d_rgba, rt_out error, double* mean_square,
                          rt_text text);

#ifdef __cplusplus
}
#endif
#endif
